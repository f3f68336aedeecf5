"""The numbers of dialogues: of one run, or of a model's runs under several conditions."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from sama_bench.api.benchmarks import BenchmarkLike, opened
from sama_bench.api.runs import Run
from sama_bench.cache import cache_folder
from sama_bench.dialogue.counts import RoundCounts, count_rounds
from sama_bench.errors import UserError, each
from sama_bench.metrics.java import Java, JavaError
from sama_bench.run.bar import bar
from sama_bench.run.store import Store
from sama_bench.score.dialogue_conditions import Dialogues, check_alike, dialogues_of
from sama_bench.score.dialogue_rounds import check_rounds

__all__ = ["Dialogues", "dialogues", "rounds"]


def rounds(bench: BenchmarkLike = "demo", tasks: str | Sequence[str] | None = None) -> RoundCounts:
    """Count what the rounds of a benchmark have to do with each other: see `RoundCounts`.

    Raises UserError where it has no dialogue.

    Examples:
        >>> from sama_bench.api.dialogues import rounds
        >>> rounds("demo").refer_back
        0
    """
    benchmark = opened(bench, tasks)
    check_rounds(benchmark, benchmark.name)
    return count_rounds(benchmark)


def dialogues(*runs: Run | str | Path, bench: str | Path | None = None) -> Dialogues:
    """The numbers of a model's scored runs, at most one for each of the histories none, true and own.

    `bench` is where the benchmark lies now, where it moved. Raises UserError where a run is not scored, has no
    dialogue, or where the runs are not the same questions to the same model under conditions that compare.

    Examples:
        >>> import sama_bench as sb
        >>> from sama_bench.api.dialogues import dialogues
        >>> answer = lambda question: "A cat runs."
        >>> run = sb.evaluate(answer, "demo", "runs/words", tasks="g", limit=12, phrases="words", name="words")
        >>> dialogues(run).runs[0].silent["1"].value
        0.0
    """
    if not runs:
        raise UserError("no run is named: expected the folder of one, or more")
    paths = [run.path if isinstance(run, Run) else Path(run) for run in runs]
    with ExitStack() as context, bar("comparing rounds") as progress:
        stores = each(lambda path: context.enter_context(Store.open(path)), paths)
        check_alike(stores)
        try:
            with Java(cache=cache_folder()) as java:
                return dialogues_of(stores, bench, java, progress)
        except JavaError as problem:
            without = dialogues_of(stores, bench, None, progress)
            return replace(without, not_compared=[f"METEOR, CIDEr: {problem}"])
