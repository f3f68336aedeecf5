"""General scores as a table in a terminal, and what failed as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sama_bench.lmms.general.record import Failed, Record, Scored, Value
from sama_bench.lmms.general.suites import percent

if TYPE_CHECKING:
    from rich.table import Table

UNITS = {"fraction": " %", "percent": " %", "points": ""}


def table(record: Record, tasks: Sequence[str]) -> Table:
    """A line for each metric of the tasks, in their order; a task that failed has none."""
    from sama_bench.tables import Column, Look, layout, numbers

    columns: list[str | Column] = ["task", "metric", *numbers(("score", "questions"))]
    return layout(columns, (row for name in tasks for row in _rows(name, record.tasks[name])), Look.BOXED)


def _rows(name: str, outcome: Scored | Failed) -> Iterator[tuple[str, ...]]:
    if isinstance(outcome, Failed):
        yield name, "", "failed", ""
        return
    for value in outcome.values:
        yield name, heading_of(value), shown(value), _questions(outcome)


def heading_of(value: Value) -> str:
    """The metric with the arrow of its direction."""
    return f"{value.label} {'↑' if value.higher_is_better else '↓'}"


def shown(value: Value) -> str:
    """A value with two decimals and its unit; as it came where its scale is not known."""
    if value.scale == "unknown":
        return f"{value.value:g}"
    return f"{percent(value.value, value.scale):.2f}{UNITS[value.scale]}"


def notes(record: Record, tasks: Sequence[str]) -> Iterator[str]:
    """Remarks on the scores, a line each."""
    for name in tasks:
        outcome = record.tasks[name]
        if isinstance(outcome, Scored):
            yield from (f"{name}: no {metric}: {reason}" for metric, reason in outcome.lacking.items())
            if outcome.caveat:
                yield f"{name}: {outcome.caveat}"


def failures(record: Record, tasks: Sequence[str]) -> list[str]:
    """A line for each task that failed, or some of whose answers did."""
    lines = []
    for name in tasks:
        outcome = record.tasks[name]
        if isinstance(outcome, Failed):
            tried = f" (tried {outcome.tries} times)" if outcome.tries > 1 else ""
            lines.append(f"task {name}: {outcome.reason}{tried}")
        elif outcome.errors:
            lines.append(
                f"task {name}: {outcome.errors} of {outcome.questions} answers failed and count as wrong, the first: "
                f"{outcome.first_error}; to ask the task again: --retry-errors"
            )
    return lines


def _questions(scored: Scored) -> str:
    return str(scored.questions) if scored.questions == scored.of else f"{scored.questions} of {scored.of}"
