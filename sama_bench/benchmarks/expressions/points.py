"""Whether points lie in what is meant, for answers that are points and no masks (lmms-eval's `rvos_*` tasks).

What lmms-eval counts otherwise: it divides what was hit by all objects of an expression, also by those that are absent
at that time; numbers the visible objects where it lists all; looks at the truth's own time stamps alone, exactly; and
gives 1 where the truth cannot be read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from sama_bench.benchmarks.expressions.means import mean_of_expressions, measured, only
from sama_bench.benchmarks.expressions.overlap import true_track
from sama_bench.metric import Metric, QuestionValue
from sama_bench.metrics import rle
from sama_bench.metrics.matching import best_assignment
from sama_bench.protocol import QuestionProtocol, ScoringInputs, Values, Videos
from sama_bench.run.point_answers import Point, read_points
from sama_bench.statistics import QuestionStatistics
from sama_bench.task import Answer
from sama_bench.types import Truth

Size: TypeAlias = tuple[int, int]
Belongs: TypeAlias = Callable[[QuestionStatistics], bool]
PRECISION, RECALL, F1, NOTHING = "point_precision", "point_recall", "point_f1", "no_target_points"


def measure_points(truth: Truth, answer: Answer) -> Mapping[str, float]:
    """`points`, their number, and what they hit; nothing for an answer that is none of points.

    `point_precision` is the share of all points that lie in what is meant at their frame, 0 without any.
    `point_recall`: of the objects that are visible at a frame the share that a point of its own lies in, the mean over
    the frames that have a point and something to hit; 0 where there is none. Both are 1 where a point is in place.
    """
    points = read_points(answer.text)
    if points is None:
        return {}
    size, length = answer.video.size, len(answer.video)
    union = true_track(truth, length)
    objects = truth.more.get("objects") or [union]
    by_frame: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        by_frame[point.frame].append(point)
    inside, shares = 0, []
    for frame, own in by_frame.items():
        if 0 <= frame < length:
            inside += sum(_hits(own, union[frame], size))
            shares += _found(own, [track[frame] for track in objects], size)
    precision, recall = inside / len(points) if points else 0.0, float(np.mean(shares)) if shares else 0.0
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    return {"points": float(len(points)), PRECISION: precision, RECALL: recall, F1: f1}


def _found(points: Sequence[Point], masks: Sequence[rle.RLE | None], size: Size) -> list[float]:
    """The share of visible objects that have a point of their own; none where nothing is visible."""
    visible = [mask for mask in masks if mask is not None]
    if not visible:
        return []
    hits = [_hits(points, mask, size) for mask in visible]
    return [len(best_assignment(hits)) / len(visible)]


def _hits(points: Sequence[Point], mask: rle.RLE | None, size: Size) -> list[bool]:
    """Whether each point lies in a mask, as lmms-eval rounds it."""
    if mask is None:
        return [False] * len(points)
    pixels = rle.decode(mask, size)
    places = [(round(point.y), round(point.x)) for point in points]
    return [0 <= y < size[0] and 0 <= x < size[1] and bool(pixels[y, x]) for y, x in places]


class WithPoints(QuestionProtocol):
    """A protocol of masks, which has metrics of points as well where answers are points.

    There a question without an answer counts 0 in these; where no answer is of points, they have no value.
    """

    def __init__(self, name: str, metrics: Sequence[Metric], has_target: Belongs, has_none: Belongs) -> None:
        kinds = (
            (PRECISION, "Points: precision", measured(PRECISION), has_target),
            (RECALL, "Points: recall", measured(RECALL), has_target),
            (F1, "Points: F1", measured(F1), has_target),
            (NOTHING, "Points: none of the absent", _no_point, has_none),
        )
        points = [_metric(name, own, label, only(value, belongs)) for own, label, value, belongs in kinds]
        super().__init__(name, (*metrics, *points))
        of_all = [_metric(name, own, label, only(_or_0(value), belongs)) for own, label, value, belongs in kinds]
        self._of_all = QuestionProtocol(name, of_all)

    def by_video(self, videos: Videos, inputs: ScoringInputs) -> Values:
        """The metrics of each video."""
        values = super().by_video(videos, inputs)
        if any("points" in question.measures for questions in videos.values() for question in questions):
            for video, own in self._of_all.by_video(videos, inputs).items():
                values[video] |= own
        return values


def _metric(protocol: str, name: str, label: str, value: QuestionValue) -> Metric:
    """A mean over expressions that needs no masks."""
    return replace(mean_of_expressions(protocol, name, label, value), needs=())


def _no_point(question: QuestionStatistics) -> float | None:
    points = question.measures.get("points")
    return None if points is None else float(not points)


def _or_0(value: QuestionValue) -> QuestionValue:
    """The same, 0 where a question has none."""
    return lambda question: value(question) or 0.0
