"""Numbers of expressions that are of types: those of each group of types, and the mean of the groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sama_bench.benchmarks.expressions.means import (
    Group,
    GroupProtocol,
    mean_of_expressions,
    measured,
    only,
    zero_unanswered,
)
from sama_bench.metric import Metric, QuestionValue
from sama_bench.statistics import QuestionStatistics

STRICT = "strict"


@dataclass(frozen=True)
class Typed:
    """The groups of a set by name, each with its type's number, and the numbers that are given of them."""

    groups: Mapping[str, float]
    numbers: tuple[str, ...]

    def released(
        self, protocol: str, measure: Callable[[str], str], unanswered: Literal["left out", "empty"] = "empty"
    ) -> GroupProtocol:
        """As the released codes of ReVOS: each expression rounded to two decimals of a percent.

        `measure` says under which name a number was measured. One without an answer counts 0, or is `unanswered`.
        """

        def value(name: str) -> QuestionValue:
            return rounded(measure(name))

        metrics = self.metrics(protocol, value, lambda name: zero_unanswered(measured(measure(name))))
        return GroupProtocol(protocol, metrics, self.averaged(), tuple(self.groups), unanswered)

    def strict(self) -> GroupProtocol:
        """Without their defects: exact, and expressions that mean nothing apart."""

        def value(name: str) -> QuestionValue:
            return zero_unanswered(only(measured(name), self.has_target))

        both = mean_of_values([value("J"), value("F")])
        metrics = (
            *self.metrics(STRICT, value, headline=True, plotted=True),
            mean_of_expressions(STRICT, "J&F_of_all", "J&F of all expressions", both, by_part=True),
            mean_of_expressions(
                STRICT, "absent", "Nothing said of the absent", zero_unanswered(only(_nothing_said, self._not_there)),
                headline=True, by_part=True,
            ),
            mean_of_expressions(
                STRICT, "absent_area", "Area said of the absent", only(_false_area, self._not_there),
                higher_is_better=False, by_part=True,
            ),
        )  # fmt: skip
        return GroupProtocol(STRICT, metrics, self.averaged(), tuple(self.groups))

    def averaged(self) -> dict[str, Group]:
        """The numbers that are means of the groups' means, each with what names a question's group."""
        return dict.fromkeys(self.numbers, self._group)

    def metrics(
        self,
        protocol: str,
        value: Callable[[str], QuestionValue],
        listed: Callable[[str], QuestionValue] | None = None,
        **of_all: bool,
    ) -> list[Metric]:
        """Each number of each group, and the mean of the groups.

        `listed` gives an expression's value by itself, also of those that are of no group.
        """
        metrics = []
        for number in self.numbers:
            whole = only(_number(number, value), self._is(*self.groups.values()))
            alone = whole if listed is None else _number(number, listed)
            shown = of_all if number == "J&F" else {}
            metrics.append(mean_of_expressions(protocol, number, number, whole, alone, **shown))
            metrics += [
                mean_of_expressions(
                    protocol,
                    f"{number}_{name}",
                    f"{number} {name}",
                    only(whole, self._is(type_)),
                    only(alone, self._is(type_)),
                    by_part=number == "J&F",
                )
                for name, type_ in self.groups.items()
            ]
        return metrics

    def _group(self, question: QuestionStatistics) -> str | None:
        return next((name for name, type_ in self.groups.items() if question.measures.get("type") == type_), None)

    def has_target(self, question: QuestionStatistics) -> bool:
        """Whether it has something to find: of one of the groups, with a pixel in any frame."""
        return self._group(question) is not None and question.measures.get("present") == 1.0

    def _not_there(self, question: QuestionStatistics) -> bool:
        return bool(question.measures) and not self.has_target(question)

    @staticmethod
    def _is(*types: float) -> Callable[[QuestionStatistics], bool]:
        return lambda question: question.measures.get("type") in types


def _number(name: str, value: Callable[[str], QuestionValue]) -> QuestionValue:
    """The value of a number, such as J, or the mean of several, such as J&F."""
    return mean_of_values([value(part) for part in name.split("&")])


def mean_of_values(values: Sequence[QuestionValue]) -> QuestionValue:
    """The mean of several values of a question; None where it lacks one of them."""

    def value(question: QuestionStatistics) -> float | None:
        all_ = [present for each in values if (present := each(question)) is not None]
        return sum(all_) / len(all_) if len(all_) == len(values) else None

    return value


def rounded(name: str) -> QuestionValue:
    """As the released code: percent with two decimals for each expression; 0 for one without an answer."""
    plain = zero_unanswered(measured(name))

    def value(question: QuestionStatistics) -> float | None:
        exact = plain(question)
        return None if exact is None else round(100 * exact, 2) / 100

    return value


def _nothing_said(question: QuestionStatistics) -> float | None:
    has_mask = question.measures.get("said")
    return None if has_mask is None else 1.0 - has_mask


def _false_area(question: QuestionStatistics) -> float | None:
    """What is told of an object that is not there; the whole frame where there is no answer."""
    area = question.measures.get("said_area")
    return area if area is None or question.state == "answered" else 1.0
