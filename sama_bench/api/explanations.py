"""Why two numbers differ: one set of answers under every convention."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from sama_bench.api.benchmarks import BenchmarkLike, opened
from sama_bench.api.scoring import answers_of, tell_misfits
from sama_bench.benchmark import Benchmark
from sama_bench.run.answer_sources import Answers
from sama_bench.run.bar import bar
from sama_bench.run.store import MANIFEST, Store
from sama_bench.score import explain as made
from sama_bench.score.explain import Explanation
from sama_bench.score.similarity_choice import choose

_log = logging.getLogger("sama_bench")


def explain(
    answers: str | Path,
    bench: BenchmarkLike | None = None,
    *,
    tasks: str | Sequence[str] | None = None,
    phrases: str | None = None,
    processes: int | None = None,
    tell: Callable[[str], object] = _log.warning,
) -> list[Explanation]:
    """What each convention makes of the answers of a run, or of predictions, and what each difference does.

    `answers` is the folder of a run, or what `sama_bench.score` takes; `bench` is by default the run's, else the demo.
    Nothing is written. Raises UserError with all that is not right.
    """
    path = Path(answers)
    if (path / MANIFEST).is_file():
        with Store.open(path) as store:
            root = None if isinstance(bench, Benchmark) else bench
            benchmark = bench if isinstance(bench, Benchmark) else store.open_benchmark(root)
            return _explanations(benchmark, store, phrases, processes, tell)
    benchmark = opened("demo" if bench is None else bench, tasks)
    answer_source = answers_of(path, benchmark)
    for line in getattr(answer_source, "told", ()):
        tell(line)
    return _explanations(benchmark, answer_source, phrases, processes, tell)


def _explanations(
    benchmark: Benchmark,
    answers: Answers,
    phrases: str | None,
    processes: int | None,
    tell: Callable[[str], object],
) -> list[Explanation]:
    tell_misfits(benchmark, tell)
    for task, why in benchmark.without_truth.items():
        if any(key.task == task for key in benchmark.where):
            tell(f"task {task} is not scored: {why}")
    with bar("scoring") as progress:
        return made.explain(benchmark, answers, choose(phrases), progress=progress, processes=processes)
