"""Scores of parts of a benchmark: by source, objects, their size, length and visibility (docs/statistics.md)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from sama_bench.benchmark.installed import tasks
from sama_bench.errors import UserError
from sama_bench.protocol import Meteor, Protocol
from sama_bench.score.block import block
from sama_bench.score.scores import Part
from sama_bench.statistics import Facts, QuestionStatistics
from sama_bench.types import Key

NONE = "no object"
NONE_SAID = "not said"
VISIBILITY = {"always": "always in view", "partly": "partly in view", "returns": "leaves, returns"}

# Protocol and task to the metrics that the model has no value of (`Block.cannot`).
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


def dimensions(questions: Iterable[QuestionStatistics]) -> list[Dimension]:
    """The ways to part these questions: those of all benchmarks, then the kinds that their own benchmark knows."""
    labels = dict.fromkeys(name for question in questions if question.facts for name in question.facts.labels)
    return [*DIMENSIONS, *map(_of_labels, labels)]


def _of_labels(name: str) -> Dimension:
    return Dimension(name, lambda facts: facts.labels.get(name, NONE_SAID))


def breakdowns(
    statistics: Mapping[Key, QuestionStatistics], meteor: Meteor, cannot: Cannot = NOTHING
) -> dict[str, dict[str, dict[str, list[Part]]]]:
    """The key metrics of each part: by protocol, task and dimension a list of parts, in a fixed order.

    A part is computed as the whole is, of those questions that belong to it; what a model `cannot` do is absent. Raises
    UserError where the statistics hold no facts.
    """
    if any(question.facts is None for question in statistics.values()):
        raise UserError("the statistics of these questions are of an older version, without facts; score again")
    by_protocol: dict[str, dict[str, dict[str, list[Part]]]] = {}
    for task in tasks():
        questions = [question for question in statistics.values() if question.key.task == task.key]
        for dimension in dimensions(questions) if questions else ():
            for label, part_questions in _parts(dimension, questions):
                for protocol in task.scoring:
                    place = (
                        by_protocol.setdefault(protocol.name, {})
                        .setdefault(task.key, {})
                        .setdefault(dimension.name, [])
                    )
                    place.append(
                        _part(label, part_questions, protocol, meteor, cannot.get((protocol.name, task.key), ()))
                    )
    return by_protocol


def _parts(dimension: Dimension, questions: Iterable[QuestionStatistics]) -> list[tuple[str, list[QuestionStatistics]]]:
    parts: dict[str, list[QuestionStatistics]] = {label: [] for label in dimension.order}
    for question in questions:
        assert question.facts is not None
        parts.setdefault(dimension.part(question.facts), []).append(question)
    return [(label, part_questions) for label, part_questions in parts.items() if part_questions]


def _part(
    label: str, questions: Sequence[QuestionStatistics], protocol: Protocol, meteor: Meteor, cannot: Collection[str]
) -> Part:
    videos: dict[str, list[QuestionStatistics]] = {}
    for question in questions:
        assert question.facts is not None
        videos.setdefault(question.facts.video, []).append(question)
    metrics = [metric for metric in protocol.metrics if metric.by_part and metric.name not in cannot]
    part_block = block(metrics, protocol.parts_by_video(videos, meteor), questions)
    return Part(label, part_block.questions, len(videos), part_block.mean, part_block.interval)
