"""What the plots show, as numbers: means over videos, as in the tables, of the questions that a run was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeAlias

from sama_bench.leaderboard.page.reading import OVERLAP, Known, ReadRun
from sama_bench.score.breakdowns import DIMENSIONS, Dimension
from sama_bench.score.intervals import Clusters, mean_intervals
from sama_bench.score.texts import mean

THRESHOLDS = tuple(n / 20 for n in range(21))
BARS = 6  # with more runs intervals would hide each other, and take long


def thresholds(run: ReadRun) -> list[float]:
    """J&F where only pairs with an IoU of at least each of `THRESHOLDS` count; [] where nothing is to be grounded."""
    asked = list(_dialogue(run))
    found = [_over_videos(asked, partial(_reaching, least)) for least in THRESHOLDS]
    return [mean(list(values.values())) for values in found if values]


def _reaching(least: float, known: Known) -> float | None:
    return known.reaching(least)


Part: TypeAlias = tuple[float, tuple[float, float] | None]


def by_part(run: ReadRun, dimension: str, *, intervals: bool) -> dict[str, Part]:
    """J&F of each part of a dimension, with its 95 % interval where it is wanted and two videos or more have one."""
    part = _dimension(dimension).part
    asked: dict[str, list[Known]] = {}
    for one in _dialogue(run):
        if one.facts is not None:
            asked.setdefault(part(one.facts), []).append(one)
    found = {label: _over_videos(own, _overlap) for label, own in asked.items()}
    return {
        label: (mean(list(own.values())), _interval(own) if intervals else None) for label, own in found.items() if own
    }


def labels(dimension: str, found: Iterable[Mapping[str, Part]]) -> list[str]:
    """The parts that any of the runs has, in the order of the dimension."""
    there = {label for one in found for label in one}
    return [label for label in _dimension(dimension).order if label in there]


def _dimension(name: str) -> Dimension:
    return next(one for one in DIMENSIONS if one.name == name)


def _overlap(known: Known) -> float | None:
    return known.values.get(OVERLAP)


def _interval(videos: Mapping[str, float]) -> tuple[float, float] | None:
    if len(videos) < 2:
        return None
    low, high = mean_intervals(Clusters.of([[videos[video]] for video in sorted(videos)]))[0]
    return float(low), float(high)


def _over_videos(asked: Iterable[Known], value: Callable[[Known], float | None]) -> dict[str, float]:
    """The mean of each video in which a question has a value."""
    found: dict[str, list[float]] = {}
    for known in asked:
        one = value(known)
        if one is not None and known.facts is not None:
            found.setdefault(known.facts.video, []).append(one)
    return {video: mean(values) for video, values in found.items()}


def _dialogue(run: ReadRun) -> Iterable[Known]:
    return (one for one in run.questions.values() if one.true is not None)
