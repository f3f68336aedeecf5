"""The two ways to score expressions: as the released MeViS scorers do, and without their defects.

docs/grounding-vos.md says what each of the metrics is.

Both are means over expressions: each metric is a ratio of sums with 1 for each expression that counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sama_bench.benchmarks.expressions.means import (
    mean_measured,
    mean_of_expressions,
    measured,
    only,
    zero_unanswered,
)
from sama_bench.metric import Metric
from sama_bench.protocol import QuestionProtocol
from sama_bench.statistics import QuestionStatistics

RELEASED, STRICT = "released", "strict"


class Released(QuestionProtocol):
    """As eval_mevis.py: an expression without an answer leaves the mean, but where none of its video has one: then 0.

    An answer whose files are there in part is none, and leaves the mean always. A video without a frame `00000` cannot
    be read by it: its answers leave the mean, too.
    """

    def __init__(self, metrics: Iterable[Metric]) -> None:
        super().__init__(RELEASED, metrics, unanswered="left out")

    def counted(self, questions: Sequence[QuestionStatistics]) -> list[QuestionStatistics]:
        """The questions of one video that enter the mean."""
        answered = [one for one in questions if one.state == "answered"]
        if answered:
            return [one for one in answered if one.measures.get("first_frame_is_00000")]
        return [one for one in questions if not one.unread]


_j, _f, _j_and_f = (zero_unanswered(value) for value in (measured("J"), measured("F"), mean_measured("J", "F")))


def _has_target(question: QuestionStatistics) -> bool:
    """Whether the expression means something that is in the video; not where the truth is not known."""
    return question.measures.get("true_pixels", 0.0) > 0


def _has_none(question: QuestionStatistics) -> bool:
    """Whether the expression means nothing; not where the truth is not known."""
    return question.measures.get("true_pixels") == 0


def _says_something(question: QuestionStatistics) -> float:
    return float(question.measures["predicted_pixels"] > 0)


def _says_nothing(question: QuestionStatistics) -> float:
    return float(not question.measures["predicted_pixels"])


def _false_area(question: QuestionStatistics) -> float:
    """The share of all pixels of the video that is marked where nothing is meant; 1, the worst, without an answer."""
    share = question.measures["predicted_pixels"] / question.measures["frame_pixels"]
    return share if question.state == "answered" else 1.0


SHOWN = {"by_part": True}
KEY = {**SHOWN, "headline": True, "plotted": True}
RELEASED_METRICS = (
    mean_of_expressions(RELEASED, "J", "J", _j, **SHOWN),
    mean_of_expressions(RELEASED, "F", "F", _f, **SHOWN),
    mean_of_expressions(RELEASED, "J&F", "J&F", _j_and_f, **KEY),
)
_found, _refused = (zero_unanswered(value) for value in (_says_something, _says_nothing))
STRICT_METRICS = (
    mean_of_expressions(STRICT, "J", "J", only(_j, _has_target), **SHOWN),
    mean_of_expressions(STRICT, "F", "F", only(_f, _has_target), **SHOWN),
    mean_of_expressions(STRICT, "J&F", "J&F", only(_j_and_f, _has_target), **KEY),
    mean_of_expressions(STRICT, "target_accuracy", "T-acc.", only(_found, _has_target), **SHOWN),
    mean_of_expressions(STRICT, "no_target_accuracy", "N-acc.", only(_refused, _has_none), **SHOWN),
    mean_of_expressions(
        STRICT, "false_area", "False area", only(_false_area, _has_none), higher_is_better=False, **SHOWN
    ),
)
SCORING = (Released(RELEASED_METRICS), QuestionProtocol(STRICT, STRICT_METRICS))
