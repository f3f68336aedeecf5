"""The numbers that the plots show: means over videos, as in the tables, of the questions that a run was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeAlias

from sama_bench.leaderboard.page.question_data import OVERLAP, Known, ReadRun
from sama_bench.score.breakdowns import DIMENSIONS, Dimension
from sama_bench.score.caption_statistics import mean
from sama_bench.score.intervals import Clusters, mean_intervals

THRESHOLDS = tuple(n / 20 for n in range(21))
BARS = 6  # with more runs intervals would hide each other, and take long


def thresholds(run: ReadRun) -> list[float]:
    """J&F where only pairs with an IoU of at least each of `THRESHOLDS` count; [] where nothing is to be grounded."""
    questions = list(_dialogue(run))
    by_threshold = [_over_videos(questions, partial(_reaching, threshold)) for threshold in THRESHOLDS]
    return [mean(list(values.values())) for values in by_threshold if values]


def _reaching(threshold: float, known: Known) -> float | None:
    return known.reaching(threshold)


Part: TypeAlias = tuple[float, tuple[float, float] | None]


def by_part(run: ReadRun, dimension: str, *, intervals: bool) -> dict[str, Part]:
    """J&F of each part of a dimension, with its 95 % interval where it is wanted and two videos or more have one."""
    part = _dimension(dimension).part
    by_label: dict[str, list[Known]] = {}
    for question in _dialogue(run):
        if question.facts is not None:
            by_label.setdefault(part(question.facts), []).append(question)
    values_by_label = {label: _over_videos(questions, _overlap) for label, questions in by_label.items()}
    return {
        label: (mean(list(by_video.values())), _interval(by_video) if intervals else None)
        for label, by_video in values_by_label.items()
        if by_video
    }


def labels(dimension: str, parts_of_runs: Iterable[Mapping[str, Part]]) -> list[str]:
    """The parts that any of the runs has, in the order of the dimension."""
    used = {label for parts in parts_of_runs for label in parts}
    return [label for label in _dimension(dimension).order if label in used]


def _dimension(name: str) -> Dimension:
    return next(dimension for dimension in DIMENSIONS if dimension.name == name)


def _overlap(known: Known) -> float | None:
    return known.values.get(OVERLAP)


def _interval(videos: Mapping[str, float]) -> tuple[float, float] | None:
    if len(videos) < 2:
        return None
    low, high = mean_intervals(Clusters.of([[videos[video]] for video in sorted(videos)]))[0]
    return float(low), float(high)


def _over_videos(questions: Iterable[Known], value: Callable[[Known], float | None]) -> dict[str, float]:
    """The mean of each video in which a question has a value."""
    by_video: dict[str, list[float]] = {}
    for question in questions:
        question_value = value(question)
        if question_value is not None and question.facts is not None:
            by_video.setdefault(question.facts.video, []).append(question_value)
    return {video: mean(values) for video, values in by_video.items()}


def grounded_tasks(run: ReadRun) -> list[str]:
    """The tasks of a run's questions whose answers have tracks."""
    return list(dict.fromkeys(key.task for key, question in run.questions.items() if question.true is not None))


def _dialogue(run: ReadRun) -> Iterable[Known]:
    return (question for question in run.questions.values() if question.true is not None)
