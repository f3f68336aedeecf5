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
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO
from sama_bench.metric import Metric
from sama_bench.protocol import QuestionProtocol
from sama_bench.statistics import QuestionStatistics
from sama_bench.task import Task

EXPRESSION, ANNOTATOR, STRICT = "released-expression", "released-annotator", "strict"


class ReleasedExpression(QuestionProtocol):
    """What eval_davis17.py makes of files that are not there.

    A video without any counts 0; where a video has some, an expression without leaves the mean.
    """

    def counted(self, questions: Sequence[QuestionStatistics]) -> list[QuestionStatistics]:
        """The answered questions of a video; all where none is."""
        return super().counted(questions) or list(questions)


def _present(question: QuestionStatistics) -> bool:
    return question.measures.get("present") == 1.0


def _absent(question: QuestionStatistics) -> bool:
    return question.measures.get("present") == 0.0


def _nothing_said(question: QuestionStatistics) -> float | None:
    said = question.measures.get("said")
    return None if said is None else 1.0 - said


def _annotator(question: QuestionStatistics) -> str | None:
    return None if question.facts is None else question.facts.labels.get("annotator")


def _released() -> tuple[Metric, ...]:
    return tuple(
        mean_of_expressions(
            EXPRESSION, name, name, zero_unanswered(mean_measured(*name.split("&"))), by_part=name == "J&F"
        )
        for name in ("J", "F", "J&F")
    )


def _of_annotators() -> tuple[Metric, ...]:
    return tuple(
        mean_of_expressions(
            ANNOTATOR,
            name,
            name,
            mean_measured(*(f"{one}_annotator" for one in name.split("&"))),
            by_part=name == "J&F",
        )
        for name in ("J", "F", "J&F")
    )


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
        GroupProtocol(ANNOTATOR, _of_annotators(), dict.fromkeys(("J", "F", "J&F"), _annotator)),
        QuestionProtocol(STRICT, _strict()),
    ),
    definition={"version": 1, "template": SA2VA_VIDEO.to_json(), "track": "first"},
    orders_by="J&F",
    measure=measure,
    expressions=True,
    measure_video=measure_annotators,
)
