"""The tasks of RefCOCO/+/g, one for each split, with the numbers of four released codes and the strict ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sama_bench.benchmarks.expressions.means import mean_of_expressions, only, zero_unanswered
from sama_bench.benchmarks.expressions.wording import SA2VA_IMAGE
from sama_bench.benchmarks.refcoco.conventions import (
    EPSILON,
    LADDERS,
    LISA,
    SA2VA,
    SAMA,
    STRICT,
    UNION,
    iou_of,
    masks,
    present,
    sums_of,
    with_meter,
    zero_without_masks,
)
from sama_bench.benchmarks.refcoco.layout import PARTS, REFS, Part
from sama_bench.benchmarks.refcoco.measures import measure
from sama_bench.metric import Metric, Sums
from sama_bench.protocol import QuestionProtocol, ScoringInputs, Values, Videos
from sama_bench.statistics import QuestionStatistics
from sama_bench.task import Task

HIT = 0.5


class ReleasedSama(QuestionProtocol):
    """SAMA's: an image none of whose answers has a mask ends the released script, so it is left out here."""

    def counted(self, questions: Sequence[QuestionStatistics]) -> list[QuestionStatistics]:
        """All questions of an image, or none."""
        return list(questions) if any(map(masks, questions)) else []


class ReleasedLisa(QuestionProtocol):
    """LISA's, whose meter divides gIoU by the number of sentences + 1e-5."""

    def by_video(self, videos: Videos, inputs: ScoringInputs) -> Values:
        """The metrics of each image; what is added to the number is shared out among all sentences."""
        return with_meter(super().by_video(videos, inputs))


def _sums_where_answered(question: QuestionStatistics) -> Sums | None:
    """SAMA skips an answer without a mask, so that its true mask is not in the union."""
    return sums_of(question, "_first") if masks(question) else None


def _hit(question: QuestionStatistics) -> float | None:
    box = question.measures.get("box")
    return None if box is None else float(box >= HIT)


def _absent(question: QuestionStatistics) -> bool:
    return question.measures.get("present") == 0.0


def _nothing_said(question: QuestionStatistics) -> float | None:
    return 1.0 - question.measures.get("said", 1.0)


def _released(protocol: str, suffix: str, epsilon: float) -> tuple[Metric, ...]:
    return (
        Metric(
            protocol, "cIoU", "cIoU", needs=("masks",), sums=lambda question: sums_of(question, suffix), by_part=True
        ),
        mean_of_expressions(protocol, "gIoU", "gIoU", iou_of(suffix, epsilon), by_part=True),
    )


SHOWN: dict[str, Any] = {"headline": True, "by_part": True, "plotted": True}
SCORING = (
    ReleasedSama(
        SAMA,
        (
            Metric(SAMA, "cIoU", "cIoU", needs=("masks",), sums=_sums_where_answered, by_part=True),
            mean_of_expressions(SAMA, "gIoU", "gIoU", zero_without_masks(iou_of("_first", EPSILON)), by_part=True),
        ),
        ladders=(LADDERS[SAMA],),
    ),
    QuestionProtocol(SA2VA, _released(SA2VA, "_all", EPSILON), ladders=(LADDERS[SA2VA],)),
    ReleasedLisa(LISA, _released(LISA, "_once", EPSILON), ladders=(LADDERS[LISA],)),
    QuestionProtocol(
        UNION,
        (*_released(UNION, "", 0.0), mean_of_expressions(UNION, "box_acc", "Acc@0.5 of boxes", _hit)),
        ladders=(LADDERS[UNION],),
    ),
    QuestionProtocol(
        STRICT,
        (
            Metric(
                STRICT,
                "cIoU",
                "cIoU",
                needs=("masks",),
                question=zero_unanswered(iou_of("")),
                sums=lambda question: sums_of(question, ""),
                **SHOWN,
            ),
            mean_of_expressions(STRICT, "gIoU", "gIoU", zero_unanswered(only(iou_of(""), present)), **SHOWN),
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
