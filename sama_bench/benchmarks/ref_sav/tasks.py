"""Ref-SAV's task: the numbers of two released codes, and the strict ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sama_bench.benchmarks.expressions.means import mean_measured, mean_of_expressions, zero_unanswered
from sama_bench.benchmarks.expressions.typed_measures import measure
from sama_bench.benchmarks.expressions.typed_scoring import Typed
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO
from sama_bench.benchmarks.ref_sav.reader import TASK
from sama_bench.protocol import QuestionProtocol
from sama_bench.statistics import QuestionStatistics
from sama_bench.task import Task

SA2VA, UNIPIXEL = "released-sa2va", "released-unipixel"
TYPED = Typed({"long": 0.0, "short": 1.0}, ("J", "F", "J&F", "A"))


class ReleasedUniPixel(QuestionProtocol):
    """One mean over all expressions, nothing rounded, no A.

    A video without any file counts 0; where it has some, an expression that lacks one leaves the mean.
    """

    def __init__(self) -> None:
        names = ("J", "F", "J&F")
        values = {name: zero_unanswered(mean_measured(*name.split("&"))) for name in names}
        metrics = (
            mean_of_expressions(UNIPIXEL, name, name, values[name], by_part=name == "J&F") for name in names
        )  # fmt: skip
        super().__init__(UNIPIXEL, metrics, "left out")

    def counted(self, questions: Sequence[QuestionStatistics]) -> list[QuestionStatistics]:
        """The answered questions of a video; where none is, those of which nothing is there."""
        return super().counted(questions) or [one for one in questions if not one.unread]


REF_SAV_TASK: Final = Task(
    key=TASK,
    name="sama_bench_ref_sav",
    alias="Ref-SAV",
    answer="track",
    scoring=(
        TYPED.released(SA2VA, lambda name: "A_1" if name == "A" else name, unanswered="left out"),
        ReleasedUniPixel(),
        TYPED.strict(),
    ),
    definition={"version": 1, "template": SA2VA_VIDEO.to_json(), "track": "first"},
    orders_by="J&F_of_all",
    measure=measure,
    expressions=True,
)
