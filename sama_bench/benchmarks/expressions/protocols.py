"""The two ways to score expressions: as the released MeViS scorers do, and without their defects.

docs/grounding-vos.md says what each of the metrics is.

Both are means over expressions: each metric is a ratio of sums with 1 for each expression that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from sama_bench.metric import Metric, Sums
from sama_bench.protocol import QuestionProtocol
from sama_bench.statistics import QuestionStatistics

RELEASED, STRICT = "released", "strict"
Value = Callable[[QuestionStatistics], float | None]


class Released(QuestionProtocol):
    """As eval_mevis.py: an expression without an answer leaves the mean, but where none of its video has one: then 0.

    A video without a frame `00000` cannot be read by it: its answers leave the mean, too.
    """

    def __init__(self, metrics: Iterable[Metric]) -> None:
        super().__init__(RELEASED, metrics, unanswered="left out")

    def counted(self, questions: Sequence[QuestionStatistics]) -> list[QuestionStatistics]:
        """The questions of one video that enter the mean."""
        answered = [one for one in questions if one.state == "answered"]
        return [one for one in answered if one.measures.get("first_frame_is_00000")] if answered else list(questions)


def _metric(protocol: str, name: str, label: str, value: Value, *, key: bool = False) -> Metric:
    """A mean over the expressions that have a value; `key` metrics are shown and watched wherever one looks."""

    def sums(question: QuestionStatistics) -> Sums | None:
        found = value(question)
        return None if found is None else Sums(found, 1.0)

    made = Metric(protocol, name, label, needs=("masks",), question=value, sums=sums, by_part=True)
    return replace(made, headline=True, plotted=True) if key else made


def _measured(question: QuestionStatistics, name: str) -> float | None:
    """A measure; 0 where there is no answer, None where the truth is not known."""
    if name not in question.measures:
        return None
    return question.measures[name] if question.state == "answered" else 0.0


def _j(question: QuestionStatistics) -> float | None:
    return _measured(question, "J")


def _f(question: QuestionStatistics) -> float | None:
    return _measured(question, "F")


def _j_and_f(question: QuestionStatistics) -> float | None:
    j, f = _j(question), _f(question)
    return None if j is None or f is None else (j + f) / 2


def _has_target(question: QuestionStatistics) -> bool | None:
    """Whether the expression means something that is in the video; None where the truth is not known."""
    pixels = question.measures.get("true_pixels")
    return None if pixels is None else pixels > 0


def _with_target(value: Value) -> Value:
    return lambda question: value(question) if _has_target(question) else None


def _says_something(question: QuestionStatistics) -> float | None:
    pixels = _measured(question, "predicted_pixels")
    return None if pixels is None else float(pixels > 0)


def _says_nothing(question: QuestionStatistics) -> float | None:
    """1 for an answer without a pixel, where nothing is meant."""
    if _has_target(question) is not False:
        return None
    return float(question.state == "answered" and not question.measures["predicted_pixels"])


def _false_area(question: QuestionStatistics) -> float | None:
    """The share of all pixels of the video that is marked where nothing is meant; 1, the worst, without an answer."""
    if _has_target(question) is not False:
        return None
    share = question.measures["predicted_pixels"] / question.measures["frame_pixels"]
    return share if question.state == "answered" else 1.0


RELEASED_METRICS = (
    _metric(RELEASED, "J", "J", _j),
    _metric(RELEASED, "F", "F", _f),
    _metric(RELEASED, "J&F", "J&F", _j_and_f, key=True),
)
STRICT_METRICS = (
    _metric(STRICT, "J", "J", _with_target(_j)),
    _metric(STRICT, "F", "F", _with_target(_f)),
    _metric(STRICT, "J&F", "J&F", _with_target(_j_and_f), key=True),
    _metric(STRICT, "target_accuracy", "T-acc.", _with_target(_says_something)),
    _metric(STRICT, "no_target_accuracy", "N-acc.", _says_nothing),
    replace(_metric(STRICT, "false_area", "False area", _false_area), higher_is_better=False),
)
SCORING = (Released(RELEASED_METRICS), QuestionProtocol(STRICT, STRICT_METRICS))
