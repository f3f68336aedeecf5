"""ReVOS' task: the numbers of two families of released codes, and the strict ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sama_bench.benchmarks.expressions.means import GroupProtocol, measured, only, zero_unanswered
from sama_bench.benchmarks.expressions.typed_measures import measure
from sama_bench.benchmarks.expressions.typed_scoring import STRICT, Typed, rounded
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO
from sama_bench.benchmarks.revos.reader import TASK
from sama_bench.metric import QuestionValue
from sama_bench.protocol import Ladder, Mend, QuestionProtocol
from sama_bench.task import Task

FAMILIES = {"released-255": "255", "released-1": "1"}
TYPED = Typed({"referring": 0.0, "reasoning": 1.0}, ("J", "F", "J&F", "A", "R"))
WHITE = Mend("white", "predictions are 0 and 1, as the truth; in PNG files they were 0 and 255")
UNITED = Mend("united", "an expression's masks are united; where two overlap the truth was 2")
EXACT = Mend("exact", "nothing is rounded; each expression was, to two decimals of a percent")
APART = Mend(
    "absent", "an expression without a true pixel is apart; it had J = F = 1 where nothing was predicted, else 0"
)
ONCE = Mend("averaged", "each expression counts once; the mean was that of referring and of reasoning")


class Released(GroupProtocol):
    """What a family of released codes gives; `ladders` lead to the other family, to strict, and to one plain mean."""

    def __init__(
        self, protocol: str, value: Callable[[str], QuestionValue], listed: Callable[[str], QuestionValue] | None = None
    ) -> None:
        super().__init__(protocol, TYPED.metrics(protocol, value, listed), TYPED.averaged(), tuple(TYPED.groups))

    def ladders(self) -> Sequence[Ladder]:
        """The ways from this family's numbers."""
        if self.name == "released-255":
            return [Ladder("released-255", "released-1", (WHITE,), _towards_strict)]
        return [
            Ladder("released-1", STRICT, (UNITED, EXACT, APART), lambda mends: _towards_strict(mends | {WHITE.name})),
            Ladder("released-1", "released-1, each expression once", (ONCE,), _averaged),
        ]


def _value(family: str, *, exact: bool = False, apart: bool = False) -> Callable[[str], QuestionValue]:
    def value(name: str) -> QuestionValue:
        measure_name = f"{name}_{family}" if family and name in {"A", "R"} else name
        of_all = zero_unanswered(measured(measure_name)) if exact else rounded(measure_name)
        return only(of_all, TYPED.has_target) if apart else of_all

    return value


def _towards_strict(mends: frozenset[str]) -> Released:
    family = "" if UNITED.name in mends else "1" if WHITE.name in mends else "255"
    return Released(STRICT, _value(family, exact=EXACT.name in mends, apart=APART.name in mends))


def _averaged(mends: frozenset[str]) -> QuestionProtocol:
    metrics = [metric for metric in TYPED.metrics("released-1", _value("1")) if metric.name in TYPED.numbers]
    if mends:
        return QuestionProtocol("released-1", metrics)
    return GroupProtocol("released-1", metrics, TYPED.averaged(), tuple(TYPED.groups))


REVOS_TASK: Final = Task(
    key=TASK,
    name="sama_bench_revos",
    alias="ReVOS",
    answer="track",
    scoring=(
        *(Released(name, _value(family), _value(family, exact=True)) for name, family in FAMILIES.items()),
        TYPED.strict(),
    ),
    definition={"version": 1, "template": SA2VA_VIDEO.to_json(), "track": "first"},
    orders_by="J&F_of_all",
    measure=measure,
    expressions=True,
)
