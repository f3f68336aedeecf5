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
from sama_bench.benchmarks.expressions.points import WithPoints
from sama_bench.benchmarks.expressions.results_form import results_ladder
from sama_bench.metric import Metric
from sama_bench.protocol import Ladder, Mend, QuestionProtocol
from sama_bench.statistics import QuestionStatistics

RELEASED, STRICT = "released", "strict"


UNANSWERED, FIRST_FRAME, ABSENT = "unanswered", "first frame", "absent"
MENDS = (
    Mend(UNANSWERED, "an expression without an answer counts 0; it left the mean where another of its video had one"),
    Mend(FIRST_FRAME, "a video without a frame 00000 is scored; its answers left the mean"),
    Mend(ABSENT, "an expression that means nothing is apart; it had J = F = 1 where nothing was predicted, else 0"),
)


class Released(QuestionProtocol):
    """As eval_mevis.py: an expression without an answer leaves the mean, but where none of its video has one: then 0.

    An answer whose files are there in part is none, and leaves the mean always. A video without a frame `00000` cannot
    be read by it: its answers leave the mean, too.
    """

    def __init__(self, metrics: Iterable[Metric], mends: frozenset[str] = frozenset()) -> None:
        super().__init__(RELEASED, metrics, unanswered="left out")
        self._mends = mends

    def counted(self, questions: Sequence[QuestionStatistics]) -> list[QuestionStatistics]:
        """The questions of one video that enter the mean."""
        silent = all(question.state != "answered" for question in questions)
        return [question for question in questions if self._counts(question, silent=silent)]

    def _counts(self, question: QuestionStatistics, *, silent: bool) -> bool:
        """Whether a question counts; `silent` is whether none of its video has an answer."""
        if question.state == "answered":
            return FIRST_FRAME in self._mends or bool(question.measures.get("first_frame_is_00000"))
        return UNANSWERED in self._mends or (silent and not question.unread)

    def ladders(self) -> Sequence[Ladder]:
        """The ways to strict: of pictures, and of a file of masks."""
        return [Ladder(RELEASED, STRICT, MENDS, _mended), results_ladder(STRICT, _has_target)]


def _mended(mends: frozenset[str]) -> Released:
    return Released(STRICT_METRICS[:3] if ABSENT in mends else RELEASED_METRICS, mends)


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


class Strict(WithPoints):
    """The strict protocol, with these metrics of masks and those of points."""

    def __init__(self, metrics: Sequence[Metric] = STRICT_METRICS) -> None:
        super().__init__(STRICT, metrics, _has_target, _has_none)


SCORING = (Released(RELEASED_METRICS), Strict())
