"""Scores of parts of a benchmark: by source, objects, their size, length and visibility (docs/statistics.md)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from sama_bench.errors import UserError
from sama_bench.score import paper, strict
from sama_bench.score.facts import Facts
from sama_bench.score.scores import Block, block
from sama_bench.score.statistics import QuestionStatistics, TextStatistics
from sama_bench.score.texts import Meteor, caption_metrics, mean
from sama_bench.types import TASKS, Key, TaskName

NONE = "no object"
# What is broken down. Metrics that compare phrases, and CIDEr, would need more than the statistics of the questions.
METRICS: Mapping[tuple[str, str], tuple[str, ...]] = {
    (paper.NAME, "g"): ("miou", "METEOR"),
    (strict.NAME, "g"): ("miou", "J&F", "f1_iou", "METEOR"),
    (paper.NAME, "c"): ("METEOR", "ROUGE_L"),
    (strict.NAME, "c"): ("METEOR", "ROUGE_L"),
}
VISIBILITY = {"always": "always in view", "partly": "partly in view", "returns": "leaves, returns"}

Videos = Mapping[str, Sequence[QuestionStatistics]]
# Protocol and task to the metrics that the model has no value of (`Block["cannot"]`).
Cannot = Mapping[tuple[str, str], Collection[str]]
NOTHING: Cannot = MappingProxyType({})


@dataclass(frozen=True)
class Dimension:
    """A way to part questions: the label of each one's part, and the order of the parts (else that of the data)."""

    name: str
    part: Callable[[Facts], str]
    order: tuple[str, ...] = ()


def _objects(facts: Facts) -> str:
    return {0: NONE, 1: "1 object"}.get(facts.objects, f"{min(facts.objects, 4)} objects{' +' * (facts.objects >= 4)}")


def _size(facts: Facts) -> str:
    if facts.share is None:
        return NONE
    return _step(100 * facts.share, (1, 5, 20), "% of frame")


def _step(value: float, limits: Sequence[int], unit: str) -> str:
    """In which of the steps a value lies; a step holds its lower limit."""
    if value < limits[0]:
        return f"< {limits[0]} {unit}"
    if value >= limits[-1]:
        return f">= {limits[-1]} {unit}"
    low, high = next(pair for pair in pairwise(limits) if value < pair[1])
    return f"{low}–{high} {unit}"


DIMENSIONS = (
    Dimension("source", lambda facts: facts.source),
    Dimension("objects", _objects, (NONE, "1 object", "2 objects", "3 objects", "4 objects +")),
    Dimension("size", _size, (NONE, *(_step(value, (1, 5, 20), "% of frame") for value in (0, 1, 5, 20)))),
    Dimension(
        "length",
        lambda facts: _step(facts.frames, (30, 60, 90), "frames"),
        tuple(_step(value, (30, 60, 90), "frames") for value in (0, 30, 60, 90)),
    ),
    Dimension(
        "visibility",
        lambda facts: NONE if facts.visibility is None else VISIBILITY[facts.visibility],
        (NONE, *VISIBILITY.values()),
    ),
)


def breakdowns(
    statistics: Mapping[Key, QuestionStatistics], meteor: Meteor, cannot: Cannot = NOTHING
) -> dict[str, Any]:
    """The key metrics of each part: by protocol, task and dimension a list of parts, in a fixed order.

    A part is computed as the whole is: the mean over its videos of a metric of those questions of the video that
    belong to it; what a model `cannot` do is absent. Raises UserError where the statistics hold no facts.
    """
    if any(one.facts is None for one in statistics.values()):
        raise UserError("the statistics of these questions are of an older version, without facts; score again")
    found: dict[str, Any] = {}
    for task in TASKS:
        questions = [one for one in statistics.values() if one.key.task == task]
        for dimension in DIMENSIONS if questions else ():
            for label, own in _parts(dimension, questions):
                for protocol, cell in _cells(task, own, meteor, cannot):
                    place = found.setdefault(protocol, {}).setdefault(task, {}).setdefault(dimension.name, [])
                    place.append({"part": label, **cell})
    return found


def _parts(dimension: Dimension, questions: Iterable[QuestionStatistics]) -> list[tuple[str, list[QuestionStatistics]]]:
    parts: dict[str, list[QuestionStatistics]] = {label: [] for label in dimension.order}
    for question in questions:
        assert question.facts is not None
        parts.setdefault(dimension.part(question.facts), []).append(question)
    return [(label, own) for label, own in parts.items() if own]


def _cells(
    task: TaskName, questions: Sequence[QuestionStatistics], meteor: Meteor, cannot: Cannot
) -> Iterator[tuple[str, dict[str, Any]]]:
    videos: dict[str, list[QuestionStatistics]] = {}
    for question in questions:
        assert question.facts is not None
        videos.setdefault(question.facts.video, []).append(question)
    for protocol, own in ((paper.NAME, _paper(videos, meteor)), (strict.NAME, _strict(videos, meteor))):
        metrics = [name for name in METRICS[protocol, task] if name not in cannot.get((protocol, task), ())]
        yield protocol, _cell(block(metrics, own, questions, faults_among=()), len(videos))


def _paper(videos: Videos, meteor: Meteor) -> dict[str, dict[str, float]]:
    answered = {video: paper.counted(questions) for video, questions in videos.items()}
    found = _captions(answered, meteor)
    for video, questions in answered.items():
        if grounded := strict.groundings(questions):
            found.setdefault(video, {})["miou"] = mean([paper.question_miou(one) for one in grounded])
    return found


def _strict(videos: Videos, meteor: Meteor) -> dict[str, dict[str, float]]:
    found = _captions(videos, meteor)
    for video, questions in videos.items():
        found.setdefault(video, {}).update(strict.grounding_metrics(strict.groundings(questions), None))
    return found


def _captions(videos: Videos, meteor: Meteor) -> dict[str, dict[str, float]]:
    texts = {video: [one.text for one in own if isinstance(one.text, TextStatistics)] for video, own in videos.items()}
    no_cider = {video: [0.0] * len(own) for video, own in texts.items()}  # not broken down, and dear
    return caption_metrics(texts, no_cider, meteor)


def _cell(found: Block, videos: int) -> dict[str, Any]:
    return {"questions": found["questions"], "videos": videos, "mean": found["mean"], "interval": found["interval"]}
