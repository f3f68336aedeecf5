"""Ref-SAV's task: the numbers of two released codes, and the strict ones."""

from __future__ import annotations

from typing import Final

from sama_bench.benchmarks.expressions.means import mean_measured, mean_of_expressions, zero_unanswered
from sama_bench.benchmarks.expressions.typed_measures import measure
from sama_bench.benchmarks.expressions.typed_scoring import Typed
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO
from sama_bench.benchmarks.ref_sav.reader import TASK
from sama_bench.protocol import QuestionProtocol
from sama_bench.task import Task

SA2VA, UNIPIXEL = "released-sa2va", "released-unipixel"
TYPED = Typed({"long": 0.0, "short": 1.0}, ("J", "F", "J&F", "A"))


def _unipixel() -> QuestionProtocol:
    """One mean over all expressions, nothing rounded, no A."""
    names = ("J", "F", "J&F")
    values = {name: zero_unanswered(mean_measured(*name.split("&"))) for name in names}
    return QuestionProtocol(
        UNIPIXEL, [mean_of_expressions(UNIPIXEL, name, name, values[name], by_part=name == "J&F") for name in names]
    )


REF_SAV_TASK: Final = Task(
    key=TASK,
    name="sama_bench_ref_sav",
    alias="Ref-SAV",
    answer="track",
    scoring=(TYPED.released(SA2VA, lambda name: "A_1" if name == "A" else name), _unipixel(), TYPED.strict()),
    definition={"version": 1, "template": SA2VA_VIDEO.to_json(), "track": "first"},
    orders_by="J&F_of_all",
    measure=measure,
    expressions=True,
)
