"""GroundMoRe's one task: as its authors score it, and strictly; both also for each type of question."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sama_bench.benchmarks.expressions.means import mean_of_expressions, only
from sama_bench.benchmarks.expressions.protocols import RELEASED, RELEASED_METRICS, STRICT, STRICT_METRICS
from sama_bench.benchmarks.expressions.tasks import expression_task
from sama_bench.benchmarks.expressions.wording import MORA
from sama_bench.benchmarks.groundmore.clips import TYPES
from sama_bench.benchmarks.groundmore.reader import TASK
from sama_bench.metric import Metric
from sama_bench.protocol import QuestionProtocol
from sama_bench.statistics import QuestionStatistics


def _of_types(protocol: str, metrics: Iterable[Metric]) -> tuple[Metric, ...]:
    """J&F of each type of question."""
    whole = next(metric for metric in metrics if metric.name == "J&F")
    assert whole.question is not None
    return tuple(
        mean_of_expressions(protocol, f"J&F_{type_.lower()}", f"J&F {type_.lower()}", only(whole.question, _is(type_)))
        for type_ in TYPES
    )


def _is(type_: str) -> Callable[[QuestionStatistics], bool]:
    def belongs(question: QuestionStatistics) -> bool:
        return question.facts is not None and question.facts.labels.get("type") == type_

    return belongs


SCORING = (
    QuestionProtocol(RELEASED, (*RELEASED_METRICS, *_of_types(RELEASED, RELEASED_METRICS)), unanswered="left out"),
    QuestionProtocol(STRICT, (*STRICT_METRICS, *_of_types(STRICT, STRICT_METRICS))),
)
GROUNDMORE_TASK: Final = expression_task(TASK, "GroundMoRe", MORA, SCORING)
