"""Scoring answers that were made elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sama_bench.api.benchmarks import BenchmarkLike, opened
from sama_bench.api.in_memory import Predictions, PredictionsInMemory
from sama_bench.api.scores import Scores
from sama_bench.benchmark import Benchmark
from sama_bench.metrics.java import JavaCalls
from sama_bench.run.answer_files import open_answers
from sama_bench.run.answer_sources import Answers
from sama_bench.run.bar import bar
from sama_bench.score import engine
from sama_bench.score import scores as made
from sama_bench.score.breakdowns import breakdowns as broken_down
from sama_bench.score.similarity_choice import Choices, choose

_log = logging.getLogger("sama_bench")


def score(
    bench: BenchmarkLike,
    predictions: str | Path | Predictions,
    *,
    tasks: str | Sequence[str] | None = None,
    phrases: str | None = None,
    phrase_model: str | Path | None = None,
    breakdowns: bool = False,
    processes: int | None = None,
    tell: Callable[[str], object] = _log.warning,
) -> Scores:
    """Score answers that were made elsewhere, by the protocols paper and strict.

    All selected questions of the benchmark count: one without an answer is missing. To score a run again, see
    `Run.score`.

    Args:
        bench: A benchmark that `load_benchmark` opened, "demo", or the folder of one.
        predictions: A file of JSON lines; masks as a folder or ZIP archive of PNG pictures, or as one JSON file
            (docs/benchmarks.md); or the answers themselves: a mapping from keys ("g:17") to answers, pairs of
            key and answer, or dictionaries with `task` and `question_id`. An answer is a `Prediction`, a dictionary
            with `text` and `tracks`, or a text. A track, one for each `[SEG]` of the text, is a list with a COCO RLE
            or None for each frame, or a NumPy array (T, H, W) of bool, or of 0 and 1.
        tasks: Only these tasks.
        phrases: How phrases are compared: "words", "exact", …; by default bert in paper, minilm in strict.
        phrase_model: The folder of the weights of the named one, or of bert.
        breakdowns: Also by source, objects, their size, length and visibility (`Scores.breakdowns`).
        processes: How many processes compare masks, by default one a core; their number changes no byte.
        tell: Is given a line where truth does not fit its video, or answers are left aside; by default it is logged.

    Raises:
        UserError: All answers that are not right, each with its place and question.

    Examples:
        >>> import numpy as np
        >>> import sama_bench as sb
        >>> bench = sb.load_benchmark("demo", tasks="g", limit=1)
        >>> question = next(iter(bench))
        >>> masks = np.zeros((len(question.video), *question.video.size), bool)
        >>> masks[:, 20:60, 30:90] = True
        >>> answers = {"g:demo-g-0-0": {"text": "<p> A ball </p> [SEG] rolls.", "tracks": [masks]}}
        >>> scores = sb.score(bench, answers, phrases="words")
        >>> 0 <= scores.mean("g", "strict", "J&F") <= 1
        True
    """
    choices = choose(phrases, None if phrase_model is None else Path(phrase_model))
    benchmark = opened(bench, tasks)
    answers = answers_of(predictions, benchmark)
    tell_misfits(benchmark, tell)
    for line in getattr(answers, "told", ()):
        tell(line)
    return Scores(scored(benchmark, answers, choices, breakdowns=breakdowns, processes=processes))


def tell_misfits(benchmark: Benchmark, tell: Callable[[str], object]) -> None:
    """Tell of true tracks that do not fit their videos: they are scored as they are."""
    if misfits := benchmark.misfits():
        tell(
            f"warning: true masks do not fit their videos, so that scores with them mean little ({len(misfits)} "
            f"problems, the first: {misfits[0]}); to see all: sama-bench bench check {benchmark.root}"
        )


def answers_of(predictions: str | Path | Predictions, benchmark: Benchmark) -> Answers:
    """The answers, in whatever form they are given. Raises UserError with all that is not right."""
    if isinstance(predictions, (str, Path)):
        return open_answers(Path(predictions), benchmark)
    return PredictionsInMemory(predictions, benchmark)


def scored(
    benchmark: Benchmark, answers: Answers, choices: Choices, *, breakdowns: bool = False, processes: int | None = None
) -> made.Scores:
    """Score answers, with a bar where someone looks at it."""
    with bar("scoring") as progress:
        scores = engine.score(benchmark, answers, phrases=choices, progress=progress, processes=processes)
    return with_breakdowns(scores) if breakdowns else scores


def with_breakdowns(scores: made.Scores, java: JavaCalls | None = None) -> made.Scores:
    """The scores with their breakdowns; raises UserError where Java does not start."""
    cannot = {
        (protocol, task): tuple(block.cannot)
        for protocol, tasks in scores.protocols.items()
        for task, block in tasks.items()
    }
    with engine.started(java) as calls:
        return replace(scores, breakdowns=broken_down(scores.statistics, calls.meteor, cannot))
