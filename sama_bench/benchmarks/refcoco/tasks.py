"""The tasks of RefCOCO/+/g, one for each split, with the numbers of four released codes and the strict ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sama_bench.benchmarks.expressions.means import mean_of_expressions, only, zero_unanswered
from sama_bench.benchmarks.expressions.wording import SA2VA_IMAGE
from sama_bench.benchmarks.refcoco.layout import PARTS, REFS, Part
from sama_bench.benchmarks.refcoco.measures import measure
from sama_bench.metric import Metric, QuestionValue, Sums
from sama_bench.protocol import QuestionProtocol, ScoringInputs, Values, Videos
from sama_bench.statistics import QuestionStatistics
from sama_bench.task import Task

SAMA, SA2VA, LISA, UNION, STRICT = "released-sama", "released-sa2va", "released-lisa", "released-union", "strict"
EPSILON = 1e-5  # SAMA, Sa2VA and LISA add it to each union, LISA also to the number of sentences
HIT = 0.5


class ReleasedSama(QuestionProtocol):
    """SAMA's: an image none of whose answers has a mask ends the released script, so it is left out here."""

    def counted(self, questions: Sequence[QuestionStatistics]) -> list[QuestionStatistics]:
        """All questions of an image, or none."""
        return list(questions) if any(map(_masks, questions)) else []


class ReleasedLisa(QuestionProtocol):
    """LISA's: its mean IoU is divided by a little more than the number of sentences."""

    def by_video(self, videos: Videos, inputs: ScoringInputs) -> Values:
        """The metrics of each image; the little more is spread over them."""
        values = super().by_video(videos, inputs)
        for own in values.values():
            mean = own.get("gIoU")
            if isinstance(mean, Sums):
                own["gIoU"] = Sums(mean.numerator, mean.denominator + EPSILON / len(values))
        return values


def _masks(question: QuestionStatistics) -> float:
    return question.measures.get("masks", 0.0)


def _sums(question: QuestionStatistics, suffix: str) -> Sums | None:
    measures = question.measures
    if f"union{suffix}" not in measures:
        return None
    return Sums(measures[f"intersection{suffix}"], measures[f"union{suffix}"])


def _sums_where_answered(question: QuestionStatistics) -> Sums | None:
    """SAMA skips an answer without a mask, so that its true mask is not in the union."""
    return _sums(question, "_first") if _masks(question) else None


def _iou(suffix: str, epsilon: float = 0.0) -> QuestionValue:
    """Intersection over union; 1 where the union is empty."""

    def value(question: QuestionStatistics) -> float | None:
        sums = _sums(question, suffix)
        if sums is None:
            return None
        return sums.numerator / (sums.denominator + epsilon) if sums.denominator else 1.0

    return value


def _sama_iou(question: QuestionStatistics) -> float | None:
    return _iou("_first", EPSILON)(question) if _masks(question) else 0.0


def _hit(question: QuestionStatistics) -> float | None:
    box = question.measures.get("box")
    return None if box is None else float(box >= HIT)


def _present(question: QuestionStatistics) -> bool:
    return question.measures.get("present") == 1.0


def _absent(question: QuestionStatistics) -> bool:
    return question.measures.get("present") == 0.0


def _nothing_said(question: QuestionStatistics) -> float | None:
    return 1.0 - question.measures.get("said", 1.0)


def _released(protocol: str, suffix: str, epsilon: float) -> tuple[Metric, ...]:
    return (
        Metric(protocol, "cIoU", "cIoU", needs=("masks",), sums=lambda question: _sums(question, suffix), by_part=True),
        mean_of_expressions(protocol, "gIoU", "gIoU", _iou(suffix, epsilon), by_part=True),
    )


SHOWN: dict[str, Any] = {"headline": True, "by_part": True, "plotted": True}
SCORING = (
    ReleasedSama(
        SAMA,
        (
            Metric(SAMA, "cIoU", "cIoU", needs=("masks",), sums=_sums_where_answered, by_part=True),
            mean_of_expressions(SAMA, "gIoU", "gIoU", _sama_iou, by_part=True),
        ),
    ),
    QuestionProtocol(SA2VA, _released(SA2VA, "_all", EPSILON)),
    ReleasedLisa(LISA, _released(LISA, "_once", EPSILON)),
    QuestionProtocol(
        UNION, (*_released(UNION, "", 0.0), mean_of_expressions(UNION, "box_acc", "Acc@0.5 of boxes", _hit))
    ),
    QuestionProtocol(
        STRICT,
        (
            Metric(
                STRICT,
                "cIoU",
                "cIoU",
                needs=("masks",),
                question=zero_unanswered(_iou("")),
                sums=lambda question: _sums(question, ""),
                **SHOWN,
            ),
            mean_of_expressions(STRICT, "gIoU", "gIoU", zero_unanswered(only(_iou(""), _present)), **SHOWN),
            mean_of_expressions(
                STRICT, "absent", "Nothing said of the absent", zero_unanswered(only(_nothing_said, _absent))
            ),
        ),
    ),
)


def sentence_task(part: Part, references: str) -> Task:
    """The task of one split, whose references lie in the file of that name."""
    return Task(
        key=part.key,
        name=f"sama_bench_{part.key.replace('-', '_')}",
        alias=part.alias,
        answer="track",
        scoring=SCORING,
        definition={
            "version": 1,
            "set": part.dataset,
            "references": references,
            "split": part.split,
            "template": SA2VA_IMAGE.to_json(),
            "mask": {SAMA: "first", SA2VA: "union of all", LISA: "first", UNION: "first", STRICT: "first"},
        },
        orders_by="gIoU",
        measure=measure,
        expressions=True,
        on_request=part.pooled,
    )


TASKS: Final = tuple(sentence_task(part, REFS[part.dataset]) for part in PARTS)
