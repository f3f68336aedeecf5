"""An explanation in a terminal: conventions side by side, then for each difference what each change does."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.console import print_table
from sama_bench.score.explain import Difference, Effect, Explained, Step

SHOWN = 3
NOTHING = "–"
ROUNDING = 5e-13  # of a value that is computed in another order


def print_explained(found: Sequence[Explained], titles: Sequence[str], console: Console) -> None:
    """Print each task, in percent."""
    for one, title in zip(found, titles, strict=True):
        counts = f"{one.questions} questions, {one.missing} without an answer, {one.errors} ended in an error"
        console.print(Text(f"{title}: {counts}; percent", style="bold"), soft_wrap=True)
        print_table(_conventions(one), console)
        for difference in one.differences:
            console.print(Text(f"from {difference.start} to {difference.end}", style="bold"))
            for number, step in enumerate(difference.steps, 1):
                _print_step(number, step, difference, console)
            console.print()


def _conventions(one: Explained) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("metric", no_wrap=True)
    for name in one.conventions:
        table.add_column(name, justify="right", no_wrap=True)
    for metric, label in one.labels.items():
        values = [own.get(metric) for own in one.conventions.values()]
        if any(value is not None for value in values):
            table.add_row(label, *map(_percent, values))
    return table


def _print_step(number: int, step: Step, difference: Difference, console: Console) -> None:
    changed = {name: one for name, one in step.effects.items() if _changes(one)}
    what = "" if changed else " (changes nothing here)"
    console.print(Text(f"{number}. {step.words}{what}"), soft_wrap=True)
    for name, one in changed.items():
        console.print(Text(f"   {difference.labels[name]}: {_line(one)}"), soft_wrap=True)


def _changes(one: Effect) -> bool:
    if one.difference is None:
        return one.before is not one.after
    return abs(one.difference) > ROUNDING or bool(one.questions)


def _line(one: Effect) -> str:
    more = "" if one.difference is None else f" ({_signed(100 * one.difference)})"
    count = len(one.questions)
    names = ", ".join(one.questions[:SHOWN]) + (", …" if count > SHOWN else "")
    caused = f" by {count} question{'s' if count != 1 else ''}: {names}" if count else ""
    return f"{_percent(one.before)} → {_percent(one.after)}{more}{caused}"


def _signed(points: float) -> str:
    """A difference in points, with as many digits as it takes not to look like none."""
    return f"{points:+.2f}" if abs(points) >= 0.005 or not points else f"{points:+.0e}"


def _percent(value: float | None) -> str:
    return NOTHING if value is None else f"{100 * value:.2f}"
