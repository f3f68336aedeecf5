"""What parts the released codes' numbers of RefCOCO/+/g, change by change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sama_bench.benchmarks.expressions.means import mean_of_expressions, only, zero_unanswered
from sama_bench.metric import Metric, QuestionValue, Sums
from sama_bench.protocol import Ladder, Mend, QuestionProtocol, ScoringInputs, Values, Videos
from sama_bench.statistics import QuestionStatistics

SAMA, SA2VA, LISA, UNION, STRICT = (
    "released-sama", "released-sa2va", "released-lisa", "released-union", "strict",
)  # fmt: skip
EPSILON = 1e-5  # SAMA, Sa2VA and LISA add it to each union, LISA to the number of sentences, too

POLYGONS = Mend("polygons", "the parts of a true mask are united; they were summed, and overlaps became background")
FIRST = Mend("first", "the first mask of an answer counts; it was the union of all")
SKIPPED = Mend("skipped", "an answer without a mask is an empty one; its true mask was not in cIoU's union, its gIoU 0")
CRASHED = Mend("crashed", "an image none of whose answers has a mask counts; it ended the script, and is left out")
METER = Mend("meter", "gIoU is divided by the number of sentences; it was by that + 0.00001")
EXACT = Mend("epsilon", "nothing is added to a union; it was 0.00001")
UNANSWERED = Mend("unanswered", "a sentence without an answer has gIoU 0; it was an empty mask, right where nothing is")
ABSENT = Mend("absent", "a sentence whose true mask is empty is apart from gIoU; it had 1 or 0")


class Convention(QuestionProtocol):
    """The cIoU and gIoU of a released code with some of its ways mended; `ways` are all that it has."""

    def __init__(self, name: str, ways: Iterable[Mend], mends: frozenset[str]) -> None:
        self._ways = frozenset(way.name for way in ways) - mends
        suffix = _suffix(name, self._ways)
        super().__init__(name, (self._ciou(name, suffix), self._giou(name, suffix)))

    def counted(self, questions: Sequence[QuestionStatistics]) -> list[QuestionStatistics]:
        """The questions of an image that count."""
        return list(questions) if CRASHED.name not in self._ways or any(map(masks, questions)) else []

    def by_video(self, videos: Videos, inputs: ScoringInputs) -> Values:
        """The metrics of each image; what LISA adds to the number of sentences is shared out among all."""
        values = super().by_video(videos, inputs)
        return with_meter(values) if METER.name in self._ways else values

    def _ciou(self, name: str, suffix: str) -> Metric:
        skips = SKIPPED.name in self._ways

        def sums(question: QuestionStatistics) -> Sums | None:
            return None if skips and not masks(question) else sums_of(question, suffix)

        return Metric(name, "cIoU", "cIoU", needs=("masks",), sums=sums)

    def _giou(self, name: str, suffix: str) -> Metric:
        value = iou_of(suffix, EPSILON if EXACT.name in self._ways else 0.0)
        if SKIPPED.name in self._ways:
            value = zero_without_masks(value)
        value = value if UNANSWERED.name in self._ways else zero_unanswered(value)
        value = value if ABSENT.name in self._ways else only(value, present)
        return mean_of_expressions(name, "gIoU", "gIoU", value)


def _suffix(name: str, ways: frozenset[str]) -> str:
    """Which pixels were measured: of the true mask as it is taken, with the first mask or with all."""
    whole = FIRST.name in ways
    if POLYGONS.name not in ways:
        return "_united_all" if whole else ""
    if name == LISA:
        return "_once"
    return "_all" if whole else "_first"


def masks(question: QuestionStatistics) -> float:
    """How many masks an answer has."""
    return question.measures.get("masks", 0.0)


def present(question: QuestionStatistics) -> bool:
    """Whether the true mask has a pixel."""
    return question.measures.get("present") == 1.0


def sums_of(question: QuestionStatistics, suffix: str) -> Sums | None:
    """Intersection and union, as they were measured under this suffix."""
    measures = question.measures
    if f"union{suffix}" not in measures:
        return None
    return Sums(measures[f"intersection{suffix}"], measures[f"union{suffix}"])


def iou_of(suffix: str, epsilon: float = 0.0) -> QuestionValue:
    """Intersection over union; 1 where the union is empty."""

    def value(question: QuestionStatistics) -> float | None:
        sums = sums_of(question, suffix)
        if sums is None:
            return None
        return sums.numerator / (sums.denominator + epsilon) if sums.denominator else 1.0

    return value


def zero_without_masks(value: QuestionValue) -> QuestionValue:
    """The same, but 0 for an answer without a mask."""
    return lambda question: value(question) if masks(question) else 0.0


def with_meter(values: Values) -> Values:
    """The same with 1e-5 more in the number of sentences that gIoU is divided by."""
    count = sum(sums.denominator for by_metric in values.values() if isinstance(sums := by_metric.get("gIoU"), Sums))
    for by_metric in values.values():
        if isinstance(sums := by_metric.get("gIoU"), Sums):
            by_metric["gIoU"] = Sums(sums.numerator, sums.denominator * (1 + EPSILON / count))
    return values


_OF_STRICT = (UNANSWERED, ABSENT)  # ways of every released code


def ladder(start: str, end: str, *mends: Mend) -> Ladder:
    """The way from one convention to another, of which `mends` are all that parts them."""
    kept = () if end == STRICT else _OF_STRICT
    return Ladder(start, end, mends, lambda done: Convention(start, (*mends, *kept), done))


LADDERS: Final = {
    SAMA: ladder(SAMA, UNION, CRASHED, SKIPPED, POLYGONS, EXACT),
    SA2VA: ladder(SA2VA, UNION, FIRST, POLYGONS, EXACT),
    LISA: ladder(LISA, UNION, POLYGONS, METER, EXACT),
    UNION: ladder(UNION, STRICT, UNANSWERED, ABSENT),
}
