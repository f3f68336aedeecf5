"""Asking a model the questions of a benchmark, and scoring its answers, in one go."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from sama_bench.adapter import Adapter
from sama_bench.api.benchmarks import BenchmarkLike, opened
from sama_bench.api.manifests import folder_parts, new_manifest, selection_of
from sama_bench.api.models import Argument, Making, Model, ReadyAdapter, called
from sama_bench.api.runs import Run
from sama_bench.api.scoring import scored, tell_misfits
from sama_bench.benchmark import Benchmark
from sama_bench.benchmark.installed import load_task
from sama_bench.dialogue import ALONE, Condition
from sama_bench.errors import UserError, telling_what_is_kept
from sama_bench.prompting import expression_prompts
from sama_bench.prompting.expression_prompts import ExpressionPrompt
from sama_bench.run import model_output
from sama_bench.run.bar import bar
from sama_bench.run.code_place import place_in
from sama_bench.run.dispatch import Slot, Workers
from sama_bench.run.fail_fast import FailFast
from sama_bench.run.folders import usual_folder
from sama_bench.run.live import Live
from sama_bench.run.manifest import Manifest, RunSettings, Session, check_name
from sama_bench.run.predictions import FAILURES, traced
from sama_bench.run.registry import adapters
from sama_bench.run.runner import open_questions
from sama_bench.run.runner import run as ask
from sama_bench.run.store import PROGRESS, WORKER_LOG, Store, find
from sama_bench.score.scores import keep
from sama_bench.score.signature import FORCED, HISTORY
from sama_bench.score.similarity_choice import Choices, choose
from sama_bench.worker.adapter_spec import AdapterSpec

NOTHING: Mapping[str, Argument] = MappingProxyType({})
UNGUARDED = (
    "warning: {}: locks do not work on this file system: two commands that write to this run at once would not know of "
    "each other; see to it that only one does"
)
_log = logging.getLogger("sama_bench")


class Judge(Protocol):
    """Judges the answers of a run before they are scored."""

    @property
    def name(self) -> str:
        """The name that it is noted under."""

    def judge(self, store: Store, benchmark: Benchmark) -> None:
        """Put verdicts into the run."""


def evaluate(  # noqa: PLR0913 - what the command has options for; all but the first three by name
    model: Model,
    bench: BenchmarkLike = "demo",
    out: str | Path | None = None,
    *,
    tasks: str | Sequence[str] | None = None,
    videos: str | None = None,
    limit: int | None = None,
    model_args: Mapping[str, Argument] = NOTHING,
    name: str | None = None,
    run_name: str | None = None,
    phrases: str | None = None,
    phrase_model: str | Path | None = None,
    retry_errors: bool = False,
    trust_remote_code: bool = False,
    budget: float | str | None = None,
    python: str | Path | None = None,
    timeout: float | None = None,
    workers: int | None = None,
    devices: str | Sequence[str] | None = None,
    ray: str | None = None,
    gpus_per_worker: float | None = None,
    shard: str | None = None,
    max_errors: int | None = None,
    prompt: str | None = None,
    history: str = "none",
    window: int | str | None = None,
    history_seed: int | None = None,
    masks_back: bool = False,
    judge: Judge | None = None,
    tell: Callable[[str], object] = _log.info,
) -> Run:
    """Ask a model the questions of a benchmark, store its answers in the folder `out`, and give the run, scored.

    Stopped or killed, the same call goes on where it stood. What a named model prints goes to `worker.log` in `out`.

    Args:
        model: An adapter's name (`sama-bench models`), an `Adapter`, or `Question` -> `Prediction | str` as a function.
        bench: A benchmark that `load_benchmark` opened, or its name; `out` is by default `runs/MODEL-BENCH[-TASK]`.
        tasks: Which tasks, as in `load_benchmark`; also `videos`, `limit` and `shard`. A run goes on with more of them.
        retry_errors: Ask again what ended in an error (`Run.errors`); `max_errors` in a row, of one kind, stop the run.
        model_args: Of the named adapter. Beside others, which `name` names, only noted: say what decides the answers.
        run_name: What tables call the run, by default the model with what parts it from others. It decides nothing.
        phrases: How phrases are compared: "words", "exact", …; `phrase_model` is the folder of weights. See `score`.
        trust_remote_code: Let a checkpoint's code run here.
        budget: What may be spent, in USD; the run then stops, and can go on.
        python: Run the named model with this Python; in a process a question may take `timeout` seconds at most.
        workers: Run the named model in so many processes; `devices` ("cuda:0,cuda:1", "auto") are shared out to them.
        ray: Run them on this Ray cluster ("local", "auto", "HOST:PORT"), with `gpus_per_worker` GPUs each.
        prompt: In whose words expressions are asked for, a name or a file; else the model's own, or the benchmark's.
        history: Whose answers stand before the later rounds of a dialogue: "none", "true" or the model's "own".
        window: How many earlier rounds, or "all". With `history_seed` rounds are in another order; with `masks_back`
            the tracks of earlier answers are shown as regions.
        judge: Judges the answers before they are scored.
        tell: Is given lines such as what the model has to say at the end; by default they are logged.

    Raises:
        UserError: What is asked wrongly, all of a kind at once; a spent budget; a broken file. Stored answers are kept.

    Examples:
        >>> import sama_bench as sb
        >>> run = sb.evaluate(lambda _: "A cat runs.", "demo", "runs/cat", tasks="c", limit=3, phrases="words")
        >>> assert run.scores.mean("c", "strict", "ROUGE_L") > 0
    """
    how = Making(trust_remote_code, budget, python, timeout, workers, devices, ray, gpus_per_worker)
    with _output_of(model):
        adapter = called(model, name, model_args, how)
        with model_output.of_the_model():
            adapter.check()  # names that are not known are told before a benchmark is read for minutes
        check_name(run_name)
        condition = Condition.of(history, window, history_seed, masks_back)
        prompted = None if prompt is None else expression_prompts.load(prompt)
        choices = choose(phrases, None if phrase_model is None else Path(phrase_model))
        noted = _noted(phrases, phrase_model, judge, retry_errors=retry_errors)
        benchmark = opened(bench, tasks, videos, limit, shard)
        asking = _Asking(adapter, benchmark, noted, retry_errors, tell, max_errors, prompted, condition, run_name)
        return asking.run(out, choices, judge)


def _output_of(model: Model) -> AbstractContextManager[None]:
    """What a named model prints goes to its run's log; code that is handed over is the caller's, and prints to them."""
    return model_output.kept_apart() if isinstance(model, str) else nullcontext()


def _noted(
    phrases: str | None, phrase_model: str | Path | None, judge: Judge | None, *, retry_errors: bool
) -> dict[str, object]:
    """The options beside the model's and the benchmark's, as the manifest has them."""
    return {
        "phrases": phrases,
        "phrase_model": None if phrase_model is None else str(phrase_model),
        "retry_errors": retry_errors,
        "judge": None if judge is None else judge.name,
    }


def _kept(store: Store) -> str:
    """What a run holds, and how it goes on."""
    asked, questions = store.asked, sum(store.manifest.counts.values())
    scoring = ", not scored yet" if asked >= questions else ""
    return f"{asked} of {questions} answers are kept in {store.path}{scoring}; give the same command again to go on"


@dataclass(frozen=True)
class _Asking:
    """A model that is to be asked the questions of a benchmark; `options` are noted in the manifest."""

    called: AdapterSpec
    benchmark: Benchmark
    options: Mapping[str, object]
    retry_errors: bool
    tell: Callable[[str], object]
    max_errors: int | None = None
    prompt: ExpressionPrompt | None = None
    condition: Condition = ALONE
    run_name: str | None = None

    def __post_init__(self) -> None:
        if not self.condition.alone and not any(load_task(task).rounds for task in self.benchmark.tasks):
            raise UserError(
                f"--history {self.condition.history}: {self.benchmark.name} has no dialogue among its tasks "
                f"({', '.join(self.benchmark.tasks)}): every question is asked alone; leave it out"
            )
        if self.prompt is not None and not self._expressions:
            raise UserError(f"prompt={self.prompt.name}: {self.benchmark.name} asks for no expressions; leave it out")

    @property
    def _expressions(self) -> bool:
        """Whether any of the questions is made of an expression."""
        return any(load_task(task).expressions for task in self.benchmark.tasks)

    @property
    def folder(self) -> Path:
        """The run's folder when nothing else is said."""
        selection = self.benchmark.selection
        shard = [f"shard{selection.shard.replace('/', 'of')}"] if selection is not None and selection.shard else []
        history = [] if self.condition.alone else [self.condition.folder]
        return usual_folder([*folder_parts(self.called.name, self.benchmark), *history, *shard])

    def run(self, out: str | Path | None, choices: Choices, judge: Judge | None) -> Run:
        """The run at `out`, asked, judged and scored."""
        tell_misfits(self.benchmark, self.tell)
        try:
            with (
                self.answered(Path(out) if out is not None else self.folder) as store,
                telling_what_is_kept(partial(_kept, store)),
            ):
                if judge is not None:
                    judge.judge(store, self.benchmark)
                keep(scored(self.benchmark, store, choices), store)
        finally:
            with model_output.of_the_model():
                notes = self.called.notes()
                self.called.end()
            for note in notes:
                self.tell(note)
        return Run(store.path)

    def answered(self, out: Path) -> Store:
        """The run at `out`, with an answer to every question; nothing is made on disk before all was checked."""
        log = out / WORKER_LOG
        answerer = self._started(log) if find(out) is None or self.called.elsewhere else None
        try:
            if answerer is not None:
                self.condition.check(answerer.can, self.called.name)
            store = Store.create(out, self._manifest(answerer), self.called.free, self._covers)
        except BaseException:
            self.called.end()
            raise
        try:
            if not store.guarded:
                self.tell(UNGUARDED.format(out))
            self._check_prompt(store)
            if open_questions(self.benchmark, store, retry_errors=self.retry_errors, can=store.can):
                model_output.log_to(log)
                with telling_what_is_kept(partial(_kept, store)):
                    self._ask(answerer or self._started(log), store)
            else:
                self.tell(f"{out}: all questions were asked before; scoring again")
            if self.run_name is not None:
                store.rename(self.run_name)
        except BaseException:
            store.close()
            raise
        return store

    def _started(self, log: Path) -> Adapter | Workers:
        try:
            with model_output.of_the_model():
                return self.called.start(log)
        except UserError:
            raise
        except FAILURES as problem:  # whatever a stranger's constructor raises
            error, trace = traced(problem)
            place = place_in(trace)
            raise UserError(
                f"adapter {self.called.name} could not be made: {error}{f' ({place})' if place else ''}"
            ) from problem

    def _covers(self, before: RunSettings) -> bool:
        """Whether all questions that were selected by these settings are selected now."""
        return self.benchmark.selected(list(before.tasks), before.videos, before.limit) <= self.benchmark.where.keys()

    def _ask(self, answerer: Adapter | Workers, store: Store) -> None:
        entry = None if isinstance(self.called, ReadyAdapter) else adapters().get(self.called.name)
        elsewhere = getattr(answerer, "versions", None)  # what an adapter of another Python says of it
        session = Session.now(entry, elsewhere)
        slots: Sequence[Slot] = ()
        if isinstance(answerer, Workers):
            slots = answerer.slots
            session = replace(session, workers=len(slots), devices=answerer.devices)
        session = replace(session, name=self.run_name)
        prompt = self._prompt(answerer)
        self.condition.check(answerer.can, self.called.name)
        store.begin(session, answerer.can, self._how(answerer))
        benchmark = self.benchmark if prompt is None else self.benchmark.worded(prompt.question_for)
        with (
            model_output.of_the_model(),
            bar(self.called.name) as shown,
            Live(store.path / PROGRESS, shown, slots) as live,
        ):
            progress = live if self.max_errors is None else FailFast(live, self.max_errors)
            ask(
                benchmark, answerer, store,
                retry_errors=self.retry_errors, progress=progress, tick=live.tick, condition=self.condition,
            )  # fmt: skip

    def _prompt(self, answerer: Adapter | Workers) -> ExpressionPrompt | None:
        """The template that words expressions: the one that was asked for, else the model's own; None where none is."""
        if self.prompt is not None or not answerer.wording or not self._expressions:
            return self.prompt
        return expression_prompts.load(answerer.wording)

    def _check_prompt(self, store: Store) -> None:
        """Raise UserError where the run was begun in other words than those that are asked for now."""
        before = (store.manifest.asking or {}).get("wording")
        now = self.prompt.asking["wording"] if self.prompt is not None else before
        if store.manifest.asking is not None and now != before:
            raise UserError(
                f"{store.path} was asked in the words of {before or 'the benchmark'}, not of {now}: give another --out"
            )

    def _how(self, answerer: Adapter | Workers) -> Mapping[str, str]:
        """How the model is asked, its template for expressions with it."""
        prompt = self._prompt(answerer)
        forced = self._expressions and answerer.forced
        return {
            **answerer.asking,
            **({} if prompt is None else prompt.asking),
            **({"answer": FORCED} if forced else {}),
            **({} if self.condition.alone else {HISTORY: self.condition.label}),
        }

    def _manifest(self, adapter: Adapter | Workers | None) -> Manifest:
        """The settings that decide the run; the adapter's abilities only where it was made, as for every new run."""
        selection_of(self.benchmark)  # told before its options are written down
        history = None if self.condition.alone else self.condition.label
        manifest = new_manifest(self.benchmark, self.called.name, self.called.deciding(), self._options(), history)
        if adapter is None:
            return manifest
        sees_truth = adapter.can.truth or self.condition.history == "true"
        return replace(manifest, sees_truth=sees_truth, can=adapter.can, asking=self._how(adapter))

    def _options(self) -> dict[str, object]:
        """The options as they were given, for whoever reads the manifest."""
        called, selection = self.called, self.benchmark.selection
        assert selection is not None
        return {
            "model": called.name,
            "bench": selection.root,
            "tasks": list(self.benchmark.tasks),
            "limit": selection.limit,
            "videos": selection.videos,
            **({} if selection.shard is None else {"shard": selection.shard}),
            **({} if self.condition.alone else {HISTORY: self.condition.label}),
            "model_args": called.texts,
            "trust_remote_code": called.trust,
            "budget": called.budget,
            "python": None if called.python is None else str(called.python),
            "timeout": called.timeout,
            **self.options,
        }
