"""A run's scores over all videos, and without those that are in the training data."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sama_bench.benchmark.installed import load_task
from sama_bench.score.block import Block
from sama_bench.score.scores import Scores


class Row(NamedTuple):
    """A metric's value over all videos, over those that are left, and how many videos have one (all, left)."""

    task: str
    protocol: str
    metric: str
    all: float
    left: float | None
    videos: tuple[int, int]

    def to_json(self) -> dict[str, object]:
        """The row with JSON's own types."""
        return {**self._asdict(), "videos": list(self.videos)}


def scores_without(scores: Scores, videos: Collection[str]) -> list[Row]:
    """The rows of all metrics of a run; `videos` are the ids of those to leave out."""
    return [
        row
        for protocol, by_task in scores.protocols.items()
        for task in by_task
        for row in _rows(scores, task, protocol, videos)
    ]


def _rows(scores: Scores, task: str, protocol: str, left_out: Collection[str]) -> Iterator[Row]:
    block = scores.protocols[protocol][task]
    for metric in load_task(task).columns(protocol):
        if metric.name in block.mean:
            left = _value(block, metric.name, left_out)
            with_value = [video for video, values in block.videos.items() if metric.name in values]
            counts = len(with_value), sum(video not in left_out for video in with_value)
            yield Row(task, protocol, metric.name, block.mean[metric.name], left, counts)


def _value(block: Block, metric: str, left_out: Collection[str]) -> float | None:
    """The metric over the videos that are left: the ratio of their sums, or the mean of their values."""
    sums = [one[metric] for video, one in block.sums.items() if video not in left_out and metric in one]
    if sums:
        denominator = sum(one.denominator for one in sums)
        return sum(one.numerator for one in sums) / denominator if denominator else None
    values = [one[metric] for video, one in block.videos.items() if video not in left_out and metric in one]
    return sum(values) / len(values) if values else None
