"""`sama-bench run`: predict, store, score, show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sama_bench.cli.adapter_options import adapter_options, pairs
from sama_bench.errors import UserError
from sama_bench.worker.called import Called

if TYPE_CHECKING:
    from sama_bench.adapters.base import Adapter
    from sama_bench.benchmark import Benchmark
    from sama_bench.cli.judge import Judge
    from sama_bench.run.manifest import Manifest
    from sama_bench.run.store import Store
    from sama_bench.score.choice import Choices


@dataclass(frozen=True)
class Asked:
    """The options of the command, as given."""

    model: str
    bench: str
    task: str | None
    limit: int | None
    videos: str | None
    model_args: dict[str, str]
    phrases: str | None
    phrase_model: str | None = None
    retry_errors: bool = False
    trust_remote_code: bool = False
    budget: str | None = None
    python: str | None = None
    timeout: float | None = None
    judge: str | None = None

    def folder(self, bench_name: str) -> Path:
        """Where the run goes when nothing else is said."""
        parts = [self.model, bench_name, *([self.task] if self.task else [])]
        return Path("runs") / "-".join(re.sub(r"[^\w.+-]+", "_", part) for part in parts)

    def called(self) -> Called:
        """The adapter that was asked for, not made yet."""
        python = Path(self.python) if self.python else None
        return Called(self.model, self.model_args, self.trust_remote_code, self.budget, python, self.timeout)


@click.command(
    short_help="Ask a model the questions, store its answers, score them.",
    epilog="Example: sama-bench run --model motion --bench data/sama_bench --task G --limit 20",
)
@click.option("--model", required=True, help="The adapter to ask (sama-bench models lists them).")
@click.option("--bench", default="demo", show_default=True, help="Folder of the benchmark, or demo.")
@click.option("--task", type=click.Choice(["G", "C"], case_sensitive=False), help="Only this task.  [default: both]")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N questions of each task.")
@click.option("--videos", metavar="GLOB", help="Only videos whose id, or its last part, matches, e.g. '*00*'.")
@adapter_options
@click.option("--budget", metavar="USD", help="What may be spent; the run then stops, and can go on.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run.  [default: runs/MODEL-BENCH[-TASK]]")
@click.option("--retry-errors", is_flag=True, help="Ask the questions again that ended in an error.")
@click.option("--judge", metavar="MODEL", help="Let this model judge the answers, too (sama-bench judge RUN has more).")
@click.option(
    "--phrases", metavar="NAME", help="How phrases are compared: words, exact, …  [default: paper bert, strict minilm]"
)
@click.option(
    "--phrase-model",
    metavar="FOLDER",
    help="The weights of the named one, or of bert.  [default: bert-base-uncased, all-MiniLM-L6-v2]",
)
@click.pass_context
def run(ctx: click.Context, /, model_args: Sequence[str], out: Path | None, task: str | None, **options: Any) -> None:  # noqa: ANN401 - click's
    """Ask a model the questions of a benchmark, store its answers, score them and print the table.

    Stopped or killed, the same command goes on where it stood. An error of the model is stored as the answer of that
    question; the exit status is then 1.
    """
    asked = Asked(**options, model_args=pairs(model_args), task=task.lower() if task else None)
    ctx.exit(_perform(asked, out))


def _perform(asked: Asked, out: Path | None) -> int:
    from sama_bench.benchmark import open_benchmark
    from sama_bench.cli.judge import Judge
    from sama_bench.cli.score import tell_misfits
    from sama_bench.score.choice import choose
    from sama_bench.types import TASKS

    called = asked.called()
    called.check()  # names that are not known are told before a benchmark is read for minutes
    choices = choose(asked.phrases, Path(asked.phrase_model) if asked.phrase_model else None)
    tasks = [task for task in TASKS if asked.task in {None, task}]
    judge = Judge.usual(asked.judge) if asked.judge else None
    benchmark = open_benchmark(asked.bench, tasks=tasks, videos=asked.videos, limit=asked.limit)
    tell_misfits(benchmark)
    try:
        with _predicted(asked, called, benchmark, out or asked.folder(benchmark.name)) as store:
            status = _judged(judge, choices, benchmark, store) if judge else 0
            _score(choices, benchmark, store)
            return max(status, _tell_errors(store))
    finally:
        for note in called.notes():
            click.echo(note, err=True)


def _judged(judge: Judge, choices: Choices, benchmark: Benchmark, store: Store) -> int:
    """Let the answers be judged: the exit status. Where the judge cannot go on, what there is is scored anyway."""
    from sama_bench.cli.judge import tell_failed

    try:
        return tell_failed(judge.on(store, benchmark))
    except UserError:
        _score(choices, benchmark, store)
        raise


def _predicted(asked: Asked, called: Called, benchmark: Benchmark, out: Path) -> Store:
    """The run at `out`, with an answer to every question; nothing is made on disk before all was checked."""
    from sama_bench.run.runner import open_questions
    from sama_bench.run.store import WORKER_LOG, Store, find

    log = out / WORKER_LOG
    adapter = called.make(log) if find(out) is None or called.elsewhere else None
    store = Store.create(out, _manifest(asked, called, adapter, benchmark))
    try:
        if open_questions(benchmark, store, retry_errors=asked.retry_errors, regions=store.can.regions):
            _predict(asked, benchmark, adapter or called.make(log), store)
        else:
            click.echo(f"{out}: all questions were asked before; scoring again", err=True)
    except BaseException:
        store.close()
        raise
    return store


def _predict(asked: Asked, benchmark: Benchmark, adapter: Adapter, store: Store) -> None:
    from sama_bench.cli.bar import Bar
    from sama_bench.run.manifest import Session
    from sama_bench.run.registry import adapters
    from sama_bench.run.runner import run as ask

    elsewhere = getattr(adapter, "versions", None)  # what an adapter of another Python says of it
    store.begin(Session.now(adapters().get(asked.model), elsewhere), adapter.can, adapter.asking)
    with Bar(asked.model) as bar:
        ask(benchmark, adapter, store, retry_errors=asked.retry_errors, progress=bar)


def _manifest(asked: Asked, called: Called, adapter: Adapter | None, benchmark: Benchmark) -> Manifest:
    """What decides the run; of the adapter's own abilities only where it was made, as for every new run."""
    from sama_bench.run.manifest import Manifest, Settings
    from sama_bench.task import load_task

    settings = Settings(
        model=asked.model,
        model_args=called.deciding(),
        fingerprint=benchmark.fingerprint,
        tasks=benchmark.tasks,
        limit=asked.limit,
        videos=asked.videos,
        task_digests={task: load_task(task).digest for task in benchmark.tasks},
    )
    where = asked.bench if asked.bench == "demo" else str(benchmark.root.resolve())
    counts: dict[str, int] = {task: benchmark.counts(task)[0] for task in benchmark.tasks}
    made = Manifest(settings, where, benchmark.name, counts=counts, asked=asdict(asked))
    if adapter is None:
        return made
    return replace(made, sees_truth=adapter.can.truth, can=adapter.can, asking=adapter.asking)


def _score(choices: Choices, benchmark: Benchmark, store: Store) -> None:
    from sama_bench.cli.bar import Bar
    from sama_bench.cli.screen import Console
    from sama_bench.score import score
    from sama_bench.score.scores import keep
    from sama_bench.score.table import print_scores

    with Bar("scoring") as bar:
        scores = score(benchmark, store, phrases=choices, progress=bar)
    path = keep(scores, store)
    print_scores(scores, Console())
    click.echo(f"run: {store.path}\nscores: {path}")


def _tell_errors(store: Store) -> int:
    errors = store.errors()
    if not errors:
        return 0
    key, reason = next(iter(errors.items()))
    click.echo(
        f"{len(errors)} of {len(store.all_keys())} questions ended in an error, the first ({key}): "
        f"{' '.join(reason.split())}; to ask them again: --retry-errors",
        err=True,
    )
    return 1
