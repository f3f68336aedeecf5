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
    from rich.table import Table

    made = Table("task", "metric", title_justify="left")
    for heading in ("score", "questions"):
        made.add_column(heading, justify="right")
    for name in tasks:
        found = record.tasks[name]
        if isinstance(found, Failed):
            made.add_row(name, "", "failed", "")
            continue
        for value in found.values:
            made.add_row(name, heading_of(value), shown(value), _questions(found))
    return made


def heading_of(value: Value) -> str:
    """The metric with the arrow of its direction."""
    return f"{value.label} {'↑' if value.higher_is_better else '↓'}"


def shown(value: Value) -> str:
    """A value with two decimals and its unit; as it came where its scale is not known."""
    if value.scale == "unknown":
        return f"{value.value:g}"
    return f"{percent(value.value, value.scale):.2f}{UNITS[value.scale]}"


def notes(record: Record, tasks: Sequence[str]) -> Iterator[str]:
    """What a reader of the scores has to know, a line each."""
    for name in tasks:
        found = record.tasks[name]
        if isinstance(found, Scored):
            yield from (f"{name}: no {metric}: {why}" for metric, why in found.lacking.items())
            if found.caveat:
                yield f"{name}: {found.caveat}"


def failures(record: Record, tasks: Sequence[str]) -> list[str]:
    """A line for each task that failed, or some of whose answers did."""
    told = []
    for name in tasks:
        found = record.tasks[name]
        if isinstance(found, Failed):
            again = f" (tried {found.tries} times)" if found.tries > 1 else ""
            told.append(f"task {name}: {found.reason}{again}")
        elif found.errors:
            told.append(
                f"task {name}: {found.errors} of {found.questions} answers failed and count as wrong, the first: "
                f"{found.first_error}; to ask the task again: --retry-errors"
            )
    return told


def _questions(found: Scored) -> str:
    return str(found.questions) if found.questions == found.of else f"{found.questions} of {found.of}"
