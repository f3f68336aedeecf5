"""ReVOS' task: the numbers of two families of released codes, and the strict ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sama_bench.benchmarks.expressions.means import (
    GroupProtocol,
    mean_of_expressions,
    measured,
    only,
    zero_unanswered,
)
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO
from sama_bench.benchmarks.revos.measures import measure
from sama_bench.benchmarks.revos.reader import TASK
from sama_bench.metric import Metric, QuestionValue
from sama_bench.protocol import Ladder, Mend, QuestionProtocol
from sama_bench.statistics import QuestionStatistics
from sama_bench.task import Task

STRICT = "strict"
FAMILIES = {"released-255": "255", "released-1": "1"}
REFERRING, REASONING = 0.0, 1.0
GROUPS = {"referring": REFERRING, "reasoning": REASONING}
NUMBERS = ("J", "F", "J&F", "A", "R")


def _there(question: QuestionStatistics) -> bool:
    """Whether it has something to find: of the referring or reasoning, with a pixel in any frame."""
    return question.measures.get("type") in {REFERRING, REASONING} and question.measures.get("present") == 1.0


def _not_there(question: QuestionStatistics) -> bool:
    return bool(question.measures) and not _there(question)


def _is(*types: float) -> Callable[[QuestionStatistics], bool]:
    return lambda question: question.measures.get("type") in types


def _group(question: QuestionStatistics) -> str | None:
    return next((name for name, type_ in GROUPS.items() if question.measures.get("type") == type_), None)


def _mean(values: Sequence[QuestionValue]) -> QuestionValue:
    def value(question: QuestionStatistics) -> float | None:
        all_ = [one for each in values if (one := each(question)) is not None]
        return sum(all_) / len(all_) if len(all_) == len(values) else None

    return value


def _rounded(name: str) -> QuestionValue:
    """As the released code: percent with two decimals for each expression; 0 for one without an answer."""
    plain = zero_unanswered(measured(name))

    def value(question: QuestionStatistics) -> float | None:
        exact = plain(question)
        return None if exact is None else round(100 * exact, 2) / 100

    return value


def _metrics(protocol: str, value: Callable[[str], QuestionValue], **of_all: bool) -> list[Metric]:
    """Each number of the referring, of the reasoning, and the mean of both groups."""
    metrics = []
    for number in NUMBERS:
        whole = only(_mean([value(name) for name in number.split("&")]), _is(REFERRING, REASONING))
        metrics.append(mean_of_expressions(protocol, number, number, whole, **(of_all if number == "J&F" else {})))
        for name, type_ in GROUPS.items():
            metrics.append(
                mean_of_expressions(
                    protocol, f"{number}_{name}", f"{number} {name}", only(whole, _is(type_)), by_part=number == "J&F"
                )
            )
    return metrics


class Released(GroupProtocol):
    """What a family of released codes gives; `ladders` lead to the other family, to strict, and to one plain mean."""

    def __init__(self, protocol: str, value: Callable[[str], QuestionValue]) -> None:
        super().__init__(protocol, _metrics(protocol, value), dict.fromkeys(NUMBERS, _group), tuple(GROUPS))

    def ladders(self) -> Sequence[Ladder]:
        """The ways from this family's numbers."""
        if self.name == "released-255":
            return [Ladder("released-255", "released-1", (_WHITE,), _towards_strict)]
        return [
            Ladder(
                "released-1", STRICT, (_UNITED, _EXACT, _APART), lambda mends: _towards_strict(mends | {_WHITE.name})
            ),
            Ladder("released-1", "released-1, each expression once", (_ONCE,), _averaged),
        ]


_WHITE = Mend("white", "predictions are 0 and 1, as the truth; in PNG files they were 0 and 255")
_UNITED = Mend("united", "an expression's masks are united; where two overlap the truth was 2")
_EXACT = Mend("exact", "nothing is rounded; each expression was, to two decimals of a percent")
_APART = Mend(
    "absent", "an expression without a true pixel is apart; it had J = F = 1 where nothing was predicted, else 0"
)
_ONCE = Mend("averaged", "each expression counts once; the mean was that of referring and of reasoning")


def _value(family: str, *, rounded: bool = True, apart: bool = False) -> Callable[[str], QuestionValue]:
    def value(name: str) -> QuestionValue:
        measure = f"{name}_{family}" if family and name in {"A", "R"} else name
        made = _rounded(measure) if rounded else zero_unanswered(measured(measure))
        return only(made, _there) if apart else made

    return value


def _towards_strict(mends: frozenset[str]) -> Released:
    family = "" if _UNITED.name in mends else "1" if _WHITE.name in mends else "255"
    return Released(STRICT, _value(family, rounded=_EXACT.name not in mends, apart=_APART.name in mends))


def _averaged(mends: frozenset[str]) -> QuestionProtocol:
    metrics = [one for one in _metrics("released-1", _value("1")) if one.name in NUMBERS]
    if mends:
        return QuestionProtocol("released-1", metrics)
    return GroupProtocol("released-1", metrics, dict.fromkeys(NUMBERS, _group), tuple(GROUPS))


def _released(protocol: str, family: str) -> Released:
    return Released(protocol, _value(family))


def _nothing_said(question: QuestionStatistics) -> float | None:
    said = question.measures.get("said")
    return None if said is None else 1.0 - said


def _false_area(question: QuestionStatistics) -> float | None:
    """What is told of an object that is not there; the whole frame where there is no answer."""
    area = question.measures.get("said_area")
    return area if area is None or question.state == "answered" else 1.0


def _strict() -> GroupProtocol:
    def value(name: str) -> QuestionValue:
        return zero_unanswered(only(measured(name), _there))

    both = _mean([value("J"), value("F")])
    return GroupProtocol(
        STRICT,
        (
            *_metrics(STRICT, value, headline=True, plotted=True),
            mean_of_expressions(STRICT, "J&F_of_all", "J&F of all expressions", both, by_part=True),
            mean_of_expressions(
                STRICT, "absent", "Nothing said of the absent", zero_unanswered(only(_nothing_said, _not_there)),
                headline=True, by_part=True,
            ),
            mean_of_expressions(
                STRICT, "absent_area", "Area said of the absent", only(_false_area, _not_there),
                higher_is_better=False, by_part=True,
            ),
        ),
        dict.fromkeys(NUMBERS, _group),
        tuple(GROUPS),
    )  # fmt: skip


REVOS_TASK: Final = Task(
    key=TASK,
    name="sama_bench_revos",
    alias="ReVOS",
    answer="track",
    scoring=(*(_released(name, family) for name, family in FAMILIES.items()), _strict()),
    definition={"version": 1, "template": SA2VA_VIDEO.to_json(), "track": "first"},
    orders_by="J&F_of_all",
    measure=measure,
)
