"""What the benchmarks measure on: pairs of a true and a predicted track, and texts, taken evenly from all videos."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.imitation import PREDICTIONS
from sama_bench.benchmark import Benchmark, Entry, open_benchmark
from sama_bench.metrics import grounding_marks as marks
from sama_bench.metrics.rle import Track
from sama_bench.run.answer_sources import PredictionFile
from sama_bench.score.engine import plain_reference
from sama_bench.types import TaskName

Texts = list[tuple[str, str]]


@dataclass(frozen=True)
class Tracks:
    """The tracks of one dialogue's question."""

    size: tuple[int, int]
    true: Sequence[Track]
    predicted: Sequence[Track]


def opened(tree: Path) -> tuple[Benchmark, PredictionFile]:
    """The benchmark and the predictions in it."""
    benchmark = open_benchmark(tree)
    return benchmark, PredictionFile(tree / PREDICTIONS, benchmark)


def every(benchmark: Benchmark, videos: int) -> list[Entry]:
    """So many videos, evenly from all."""
    step = max(len(benchmark.entries) // videos, 1)
    return list(benchmark.entries[::step])[:videos]


def tracks(benchmark: Benchmark, answers: PredictionFile, entries: Sequence[Entry]) -> Iterator[Tracks]:
    """The tracks of the videos' questions, those of one after the other."""
    for entry in entries:
        truths, given = benchmark.truths(entry.video.id), answers.predictions(entry.video.id)
        for key in entry.keys:
            if key.task == "g" and key in given:
                yield Tracks(entry.video.size, truths[key].strict_tracks, given[key].tracks)


def texts(benchmark: Benchmark, answers: PredictionFile, entries: Sequence[Entry]) -> dict[tuple[str, TaskName], Texts]:
    """Plain answers and references by video and task."""
    found: dict[tuple[str, TaskName], Texts] = {}
    for entry in entries:
        truths, given = benchmark.truths(entry.video.id), answers.predictions(entry.video.id)
        for key in entry.keys:
            if key in given:
                pair = marks.plain(given[key].text), plain_reference(key.task, truths[key].text)
                found.setdefault((entry.video.id, key.task), []).append(pair)
    return found
