"""The task of a split of expressions: what is asked, how it is scored."""

from __future__ import annotations

from sama_bench.benchmarks.expressions.measure import measure
from sama_bench.benchmarks.expressions.protocols import SCORING
from sama_bench.benchmarks.expressions.wording import Wording
from sama_bench.protocol import Protocol
from sama_bench.task import Task


def expression_task(key: str, alias: str, wording: Wording, scoring: tuple[Protocol, ...] = SCORING) -> Task:
    """A task whose answers are one track; of an answer with several the first counts, as SAMA and Sa2VA take it."""
    return Task(
        key=key,
        name=key.replace("-", "_"),
        alias=alias,
        answer="track",
        scoring=scoring,
        definition={"version": 1, "key": key, "wording": wording.to_json(), "masks of an answer": "first"},
        orders_by="J&F",
        measure=measure,
        expressions=True,
    )
