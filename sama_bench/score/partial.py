"""Scores of a run that is still being asked: of the questions that have an answer by now, and marked so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.metrics.java import JavaCalls
from sama_bench.run.live import read_live
from sama_bench.run.progress import Progress
from sama_bench.run.store import PROGRESS, Store
from sama_bench.score.engine import score
from sama_bench.score.scores import Partial, Scores
from sama_bench.score.similarity_choice import Choices


def is_being_asked(store: Store) -> bool:
    """Whether a process asks the questions of the run now, and does not only score or judge it."""
    live = read_live(store.path / PROGRESS) if store.is_live else None
    return live is not None and live.state == "asking"


def partial_scores(
    store: Store,
    choices: Choices,
    bench: str | Path | None = None,
    *,
    progress: Progress | None = None,
    processes: int | None = None,
    java: JavaCalls | None = None,
) -> Scores:
    """Score the questions that were asked by now; `bench` is where the benchmark is, if not where the run found it.

    They are marked as partial, and not kept. Raises UserError where nothing was asked yet, and as `engine.score` does.
    """
    answered = store.all_keys()
    if not answered:
        raise UserError(f"{store.path}: has no answer yet; score it when it has some")
    benchmark = store.open_benchmark(bench)
    total = len(benchmark)
    scores = score(benchmark.only(answered), store, phrases=choices, progress=progress, processes=processes, java=java)
    return replace(scores, partial=Partial(len(answered), total))
