"""`sama-bench general`: general benchmarks, asked by lmms-eval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sama_bench.cli.adapter_options import adapter_options, pairs
from sama_bench.errors import MissingExtra, UserError
from sama_bench.files.json_files import as_json
from sama_bench.json_option import check_writable, json_option, put
from sama_bench.worker.adapter_spec import AdapterSpec

if TYPE_CHECKING:
    from sama_bench.lmms.general.record import GeneralSettings, Record
    from sama_bench.lmms.general.suites import SuiteTask


@dataclass(frozen=True)
class GeneralOptions:
    """The options of the command that say what is asked, as given."""

    model: str
    model_args: dict[str, str]
    suite: str | None
    tasks: str | None
    include_path: tuple[Path, ...]
    limit: int | None
    retry_errors: bool
    trust_remote_code: bool
    python: str | None
    timeout: float | None

    def called(self) -> AdapterSpec:
        """The adapter that was asked for, not made yet."""
        python = Path(self.python) if self.python else None
        return AdapterSpec(self.model, self.model_args, self.trust_remote_code, None, python, self.timeout)

    def entries(self) -> list[SuiteTask]:
        """The tasks that were asked for, groups as they are; those of the suite first."""
        from sama_bench.lmms.general.suites import PAPER, entries, suite

        names = [name.strip() for name in (self.tasks or "").split(",") if name.strip()]
        if self.tasks is not None and not names:
            raise UserError(
                f"--tasks {self.tasks!r} names no task; expected A,B, or leave it out for the suite {PAPER}"
            )
        of_suite = suite(self.suite or PAPER) if self.suite or not names else ()
        return list(dict.fromkeys([*of_suite, *entries(names)]))


@click.command(
    short_help="Ask a model general benchmarks (MME, MMBench, Video-MME, …), by lmms-eval.",
    epilog="Example: sama-bench general --model lmms:dummy --tasks mme,mmstar --limit 20",
)
@click.option("--model", required=True, help="An adapter that answers plain questions, or lmms:NAME of lmms-eval.")
@click.option("--suite", metavar="NAME", help="The tasks to ask.  [default: paper, unless --tasks says which]")
@click.option("--tasks", metavar="A,B", help="Tasks, groups or tags of lmms-eval (to list them: lmms-eval tasks list).")
@click.option(
    "--include-path",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder with task files of your own; repeatable.",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N questions of each task.")
@adapter_options
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the scores.  [default: runs/MODEL-general]")
@click.option("--retry-errors", is_flag=True, help="Ask the tasks again some of whose answers failed.")
@json_option("the scores")
@click.pass_context
def general(
    ctx: click.Context,
    /,
    model_args: Sequence[str],
    out: Path | None,
    json_path: str | None,
    **options: Any,  # noqa: ANN401 - click's
) -> None:
    """Ask a model the general benchmarks that SAMA's paper reports, or any task of lmms-eval, and keep its scores.

    The scores are kept task by task; the same command goes on with those that have none yet. `sama-bench report`
    shows them, beside the run's own where --out is the folder of a run of the same model. The data sets come from
    Hugging Face's hub.

    Exit status: 0 all is scored, 1 a task failed, or an answer to a question did.
    """
    from sama_bench.lmms.general.folder import usual

    check_writable(json_path)
    general_options = GeneralOptions(**options, model_args=pairs(model_args))
    ctx.exit(_perform(general_options, out or usual(general_options.model), json_path))


def _perform(options: GeneralOptions, out: Path, json_path: str | None) -> int:
    called = options.called()
    entries, settings = options.entries(), _checked_settings(options, called)
    manager, tasks = _manager_and_tasks(options, entries)
    from sama_bench.lmms.general.folder import check, taken

    record = check(out, settings, called.free)
    with taken(out):
        try:
            record = _ask_tasks(options, called, manager, tasks, record, out)
        finally:
            for note in called.notes():
                click.echo(note, err=True)
    names = [entry.task for entry in tasks]
    if not put(json_path, as_json(record.to_json())):
        _show(record, names, out)
    return _tell_failures(record, names)


def _checked_settings(options: GeneralOptions, called: AdapterSpec) -> GeneralSettings:
    """What decides the scores. Raises UserError for what can be told wrong before lmms-eval's tasks are looked at."""
    from sama_bench.lmms.general.record import GeneralSettings
    from sama_bench.lmms.plain_support import check_plain
    from sama_bench.lmms.version import installed, warn_if_untested

    if find_spec("lmms_eval") is None:
        raise MissingExtra("sama-bench general", ["lmms_eval"], "sama-bench[lmms]")
    warn_if_untested()
    called.check()
    if not called.elsewhere:
        from sama_bench.run.registry import adapter_class

        check_plain(called.name, adapter_class(called.name).can)
    return GeneralSettings(options.model, called.deciding(), options.limit, installed() or "unknown")


def _manager_and_tasks(options: GeneralOptions, entries: Sequence[SuiteTask]) -> tuple[Any, list[SuiteTask]]:
    """lmms-eval's TaskManager, and the tasks that were asked for, groups taken apart."""
    from sama_bench.lmms.general import log_capture
    from sama_bench.lmms.general.model import name_in_tasks
    from sama_bench.lmms.general.names import Names, manager
    from sama_bench.lmms.general.suites import entries as described

    with log_capture.into(StringIO()):
        tasks = manager(options.include_path, name_in_tasks(options.model))
        return tasks, described(Names(tasks).tasks(entry.task for entry in entries))


def _ask_tasks(
    options: GeneralOptions,
    called: AdapterSpec,
    manager: Any,  # noqa: ANN401 - lmms-eval's
    tasks: Sequence[SuiteTask],
    record: Record,
    out: Path,
) -> Record:
    """What there is when all tasks were asked that have no scores yet."""
    from sama_bench.lmms.general import log_capture
    from sama_bench.lmms.general.evaluation import Evaluation, ask_all
    from sama_bench.lmms.general.model import as_lmms_model, name_in_tasks
    from sama_bench.lmms.plain_support import check_plain
    from sama_bench.run.manifest import Session
    from sama_bench.run.registry import adapters
    from sama_bench.run.store import WORKER_LOG

    def make_model() -> Any:  # noqa: ANN401 - of lmms-eval's
        adapter = called.make(out / WORKER_LOG)
        check_plain(called.name, adapter.can)
        return as_lmms_model(adapter)

    left = [entry for entry in tasks if not record.is_done(entry.task, retry_errors=options.retry_errors)]
    if not left:
        click.echo(f"{out}: all tasks were asked before", err=True)
        return record
    record = record.begun(Session.now(adapters().get(options.model)))
    with (out / log_capture.LOG).open("a", encoding="utf-8") as log:
        evaluation = Evaluation(manager, name_in_tasks(options.model), make_model, options.limit, out, log)
        return ask_all(evaluation, left, record, out, lambda line: click.echo(line, err=True))


def _show(record: Record, names: Sequence[str], out: Path) -> None:
    from sama_bench.console import Console
    from sama_bench.lmms.general.record import FILE
    from sama_bench.lmms.general.table import notes, table
    from sama_bench.tables import print_table

    console = Console()
    console.print(f"{record.settings.model}, lmms-eval {record.settings.lmms_eval}", markup=False, highlight=False)
    print_table(table(record, names), console)
    for note in notes(record, names):
        console.print(note, markup=False, highlight=False, soft_wrap=True)
    click.echo(f"scores: {out / FILE}")


def _tell_failures(record: Record, names: Sequence[str]) -> int:
    from sama_bench.lmms.general.table import failures

    lines = failures(record, names)
    for line in lines:
        click.echo(line, err=True)
    if lines:
        click.echo(f"{len(lines)} of {len(names)} tasks failed or have answers that did", err=True)
    return 1 if lines else 0
