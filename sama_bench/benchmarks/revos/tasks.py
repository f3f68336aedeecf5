"""ReVOS' task: the numbers of two families of released codes, and the strict ones."""

from __future__ import annotations

from typing import Final

from sama_bench.benchmarks.expressions.typed_measures import measure
from sama_bench.benchmarks.expressions.typed_scoring import Typed
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO
from sama_bench.benchmarks.revos.reader import TASK
from sama_bench.protocol import Protocol
from sama_bench.task import Task

FAMILIES = {"released-255": "255", "released-1": "1"}
TYPED = Typed({"referring": 0.0, "reasoning": 1.0}, ("J", "F", "J&F", "A", "R"))


def _released(protocol: str, family: str) -> Protocol:
    return TYPED.released(protocol, lambda name: f"{name}_{family}" if name in {"A", "R"} else name)


REVOS_TASK: Final = Task(
    key=TASK,
    name="sama_bench_revos",
    alias="ReVOS",
    answer="track",
    scoring=(*(_released(name, family) for name, family in FAMILIES.items()), TYPED.strict()),
    definition={"version": 1, "template": SA2VA_VIDEO.to_json(), "track": "first"},
    orders_by="J&F_of_all",
    measure=measure,
    expressions=True,
)
