"""Ref-DAVIS17's task: the two ways in which its tables were made, and the strict protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sama_bench.benchmarks.davis17.measures import measure, measure_annotators
from sama_bench.benchmarks.davis17.reader import TASK
from sama_bench.benchmarks.expressions.means import (
    GroupProtocol,
    mean_measured,
    mean_of_expressions,
    only,
    zero_unanswered,
)
from sama_bench.benchmarks.expressions.points import WithPoints
from sama_bench.benchmarks.expressions.results_form import results_ladder
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO
from sama_bench.metric import Metric
from sama_bench.protocol import Ladder, Mend, QuestionProtocol
from sama_bench.statistics import QuestionStatistics
from sama_bench.task import Task

EXPRESSION, ANNOTATOR, SEMI, STRICT = "released-expression", "released-annotator", "semi-supervised", "strict"
NAMES = ("J", "F", "J&F")


class ReleasedExpression(QuestionProtocol):
    """What eval_davis17.py makes of files that are not there.

    A video without any counts 0; where a video has some, an expression without leaves the mean. So do all answers of a
    video without a frame 00000, from whose picture the size is taken.
    """

    def counted(self, questions: Sequence[QuestionStatistics]) -> list[QuestionStatistics]:
        """The answered questions of a video; where none is, those of which nothing is there."""
        answered = super().counted(questions)
        if answered:
            return [question for question in answered if question.measures.get("first_frame_is_00000", 1.0)]
        return [question for question in questions if not question.unread]

    def ladders(self) -> Sequence[Ladder]:
        """The ways to strict, of pictures and of a file of masks, and to the numbers of annotators."""
        return [
            Ladder(EXPRESSION, STRICT, (_COUNTED, _APART), _towards_strict),
            Ladder(EXPRESSION, ANNOTATOR, _TO_ANNOTATOR, _towards_annotator, alone=False),
            results_ladder(STRICT, _present),
        ]


_COUNTED = Mend(
    "unanswered",
    "an expression without an answer counts 0, a video without a frame 00000 is scored; they left the mean",
)
_APART = Mend("absent", "an object that is in no frame is apart; it had J = F = 1 where nothing was predicted, else 0")
_EMPTY = Mend("empty", "an expression without an answer counts as an empty mask; it left the mean")
_MERGED = Mend("merged", "an annotator's objects are laid into one image, a pixel of several goes to the lowest")
_VOID = Mend("void", "void pixels are left out; they were background")
_ASSIGNED = Mend("assigned", "predictions are re-assigned to the objects by the best J&F; each had its own")
_AVERAGED = Mend("averaged", "the mean is that of the four annotators' means; it was over expressions")
_TO_ANNOTATOR = (_EMPTY, _MERGED, _VOID, _ASSIGNED, _AVERAGED)


def _towards_strict(mends: frozenset[str]) -> QuestionProtocol:
    metrics = _strict()[:3] if _APART.name in mends else _released()
    return (
        QuestionProtocol(STRICT, metrics)
        if _COUNTED.name in mends
        else ReleasedExpression(EXPRESSION, metrics, "left out")
    )


def _towards_annotator(mends: frozenset[str]) -> QuestionProtocol:
    kinds = ((_ASSIGNED, "_annotator"), (_VOID, "_merged_without_void"), (_MERGED, "_merged"))
    kind = next((suffix for mend, suffix in kinds if mend.name in mends), "")
    metrics = [_of_kind(name, kind, empty=_EMPTY.name in mends) for name in NAMES]
    if _AVERAGED.name in mends:
        return GroupProtocol(ANNOTATOR, metrics, dict.fromkeys(NAMES, _annotator))
    if _EMPTY.name in mends:
        return QuestionProtocol(ANNOTATOR, metrics)
    return ReleasedExpression(EXPRESSION, metrics, "left out")


def _of_kind(name: str, kind: str, *, empty: bool) -> Metric:
    value = mean_measured(*(f"{part}{kind}" for part in name.split("&")))
    return mean_of_expressions(ANNOTATOR, name, name, value if empty else zero_unanswered(value))


def _present(question: QuestionStatistics) -> bool:
    return question.measures.get("present") == 1.0


def _absent(question: QuestionStatistics) -> bool:
    return question.measures.get("present") == 0.0


def _nothing_said(question: QuestionStatistics) -> float | None:
    has_mask = question.measures.get("said")
    return None if has_mask is None else 1.0 - has_mask


def _annotator(question: QuestionStatistics) -> str | None:
    return None if question.facts is None else question.facts.labels.get("annotator")


def _released() -> tuple[Metric, ...]:
    return tuple(
        mean_of_expressions(
            EXPRESSION, name, name, zero_unanswered(mean_measured(*name.split("&"))), by_part=name == "J&F"
        )
        for name in NAMES
    )


def _of_annotators(protocol: str, kind: str) -> GroupProtocol:
    """The mean of the annotators' means over objects, of what was measured in their label images."""
    metrics = (
        mean_of_expressions(
            protocol, name, name, mean_measured(*(f"{part}_{kind}" for part in name.split("&"))), by_part=name == "J&F"
        )
        for name in NAMES
    )
    return GroupProtocol(protocol, metrics, dict.fromkeys(NAMES, _annotator))


def _strict() -> tuple[Metric, ...]:
    def of(name: str, label: str, *measures: str, headline: bool = False) -> Metric:
        value = zero_unanswered(only(mean_measured(*measures), _present))
        return mean_of_expressions(STRICT, name, label, value, headline=headline, by_part=headline, plotted=headline)

    return (
        of("J", "J", "J"),
        of("F", "F", "F"),
        of("J&F", "J&F", "J", "F", headline=True),
        of("J&F_without_void", "J&F without void", "J_without_void", "F_without_void"),
        mean_of_expressions(
            STRICT, "absent", "Nothing said of the absent", zero_unanswered(only(_nothing_said, _absent))
        ),
    )


DAVIS17: Final = Task(
    key=TASK,
    name="sama_bench_davis17",
    alias="Ref-DAVIS17",
    answer="track",
    scoring=(
        ReleasedExpression(EXPRESSION, _released(), "left out"),
        _of_annotators(ANNOTATOR, "annotator"),
        _of_annotators(SEMI, "semi"),
        WithPoints(STRICT, _strict(), _present, _absent),
    ),
    definition={"version": 1, "template": SA2VA_VIDEO.to_json(), "track": "first"},
    orders_by="J&F",
    measure=measure,
    expressions=True,
    measure_video=measure_annotators,
)
