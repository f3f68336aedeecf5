"""One task of lmms-eval asked to the end: its scores, or why there are none."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from traceback import print_exception
from typing import Any, TextIO

from sama_bench.errors import UserError
from sama_bench.lmms.general import log_capture
from sama_bench.lmms.general.failed_answers import Unanswered
from sama_bench.lmms.general.interrupts import insistent
from sama_bench.lmms.general.loading import NotLoaded, load, reason, root
from sama_bench.lmms.general.record import Failed, Record, Scored
from sama_bench.lmms.general.suites import SuiteTask
from sama_bench.lmms.general.task_scores import NoNumber, scored


@dataclass
class Evaluation:
    """Asks tasks of one model, which `make` makes when the first of them has its data.

    `manager` is lmms-eval's TaskManager, `model_name` what tasks know the model by. `limit` is the most questions of a
    task. Files that tasks write lie in `folder`; `log` takes what is printed and logged.
    """

    manager: Any
    model_name: str
    make: Callable[[], Any]
    limit: int | None
    folder: Path
    log: TextIO
    _model: Any = field(default=None, init=False)

    def ask(self, entry: SuiteTask) -> Scored | Failed:
        """Ask the questions of one task. Raises UserError where the model cannot be made, or says that it cannot go on.

        Whatever else goes wrong is the task's failure, with its reason; the traceback is in the log.
        """
        if entry.key and not os.environ.get(entry.key):
            return Failed(f"needs ${entry.key} in the environment; {entry.caveat}")
        try:
            with log_capture.into(self.log), insistent():
                return self._ask(entry)
        except UserError:
            raise
        except (NotLoaded, NoNumber) as problem:
            return self._failed(problem, str(problem))
        except (Exception, SystemExit) as problem:
            if isinstance(problem.__context__, UserError):  # as our model of lmms-eval tells one through it
                raise problem.__context__ from None
            return self._failed(problem, f"ended in {reason(root(problem))}")

    def _ask(self, entry: SuiteTask) -> Scored:
        task = load(self.manager, entry.task, self._form)
        if self._model is None:
            form_before, self._model = self._form, self._make_model()
            if self._form != form_before:
                task = load(self.manager, entry.task, self._form)
        started, unanswered = perf_counter(), Unanswered()
        with unanswered.counted(self._model):
            results = self._evaluated(task)
        scored_task = scored(results, entry, self.model_name, perf_counter() - started)
        return _with_errors(scored_task, unanswered)

    @property
    def _form(self) -> str:
        """The form in which lmms-eval gives a task to the model; a guess until there is one."""
        return "simple" if self._model is None or self._model.is_simple else "chat"

    def _make_model(self) -> Any:  # noqa: ANN401 - of lmms-eval's
        """The model, which lmms-eval would take apart behind every evaluation, to make room for a judge."""
        try:
            model = self.make()
        except UserError:
            raise
        except Exception as problem:
            print_exception(problem, file=self.log)
            raise UserError(
                f"the model cannot be made ({reason(problem)}); see {self.folder / log_capture.LOG}"
            ) from problem
        model.clean = lambda: None
        return model

    def _evaluated(self, task: Any) -> dict[str, Any]:  # noqa: ANN401 - of lmms-eval's
        from lmms_eval.evaluator import simple_evaluate

        results: dict[str, Any] = simple_evaluate(
            self._model,
            tasks=[task],
            task_manager=self.manager,
            limit=self.limit,
            log_samples=False,
            bootstrap_iters=0,
            verbosity="WARNING",
            # what lmms-eval's own command says to a task; without a folder it would write where the user stands
            cli_args=Namespace(output_path=str(self.folder), process_with_media=False),
        )
        return results

    def _failed(self, problem: BaseException, reason_text: str) -> Failed:
        print_exception(problem, file=self.log)
        return Failed(reason_text)


def _with_errors(scored_task: Scored, unanswered: Unanswered) -> Scored:
    if unanswered.count >= scored_task.questions:
        raise NoNumber(f"all {unanswered.count} answers failed, the first: {unanswered.first}")
    return replace(scored_task, errors=unanswered.count, first_error=unanswered.first)


def ask_all(
    evaluation: Evaluation, entries: Sequence[SuiteTask], record: Record, folder: Path, tell: Callable[[str], None]
) -> Record:
    """Ask the tasks one after the other; `record` is written behind each. `tell` is told which one is asked."""
    for place, entry in enumerate(entries, 1):
        tell(f"{entry.task} (task {place} of {len(entries)})")
        record = record.plus(entry.task, evaluation.ask(entry))
        record.write(folder)
    return record
