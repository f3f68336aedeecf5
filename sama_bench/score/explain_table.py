"""An explanation in a terminal: conventions side by side, then for each difference what each change does."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.score.explain import Difference, Explanation, MetricChange, Step
from sama_bench.tables import Column, layout, numbers, percent, print_table

SHOWN = 3
ROUNDING = 5e-13  # of a value that is computed in another order


def print_explained(explanations: Sequence[Explanation], titles: Sequence[str], console: Console) -> None:
    """Print each task, in percent."""
    for explanation, title in zip(explanations, titles, strict=True):
        missing = f"{explanation.missing} without an answer, {explanation.errors} ended in an error"
        console.print(
            Text(f"{title}: {explanation.questions} questions, {missing}; percent", style="bold"), soft_wrap=True
        )
        print_table(_conventions(explanation), console)
        for difference in explanation.differences:
            console.print(Text(f"from {difference.start} to {difference.end}", style="bold"))
            for number, step in enumerate(difference.steps, 1):
                _print_step(number, step, difference, console)
            console.print()


def _conventions(explanation: Explanation) -> Table:
    rows = []
    for metric, label in explanation.labels.items():
        values = [means.get(metric) for means in explanation.conventions.values()]
        if any(value is not None for value in values):
            rows.append((label, *map(percent, values)))
    return layout([Column("metric", whole=True), *numbers(explanation.conventions)], rows)


def _print_step(number: int, step: Step, difference: Difference, console: Console) -> None:
    changed = {name: effect for name, effect in step.effects.items() if _changes(effect)}
    what = "" if changed else " (changes nothing here)"
    console.print(Text(f"{number}. {step.words}{what}"), soft_wrap=True)
    for name, effect in changed.items():
        console.print(Text(f"   {difference.labels[name]}: {_line(effect)}"), soft_wrap=True)


def _changes(effect: MetricChange) -> bool:
    if effect.difference is None:
        return effect.before is not effect.after
    return abs(effect.difference) > ROUNDING or bool(effect.questions)


def _line(effect: MetricChange) -> str:
    more = "" if effect.difference is None else f" ({_signed(100 * effect.difference)})"
    count = len(effect.questions)
    names = ", ".join(effect.questions[:SHOWN]) + (", …" if count > SHOWN else "")
    caused = f" by {count} question{'s' if count != 1 else ''}: {names}" if count else ""
    return f"{percent(effect.before)} → {percent(effect.after)}{more}{caused}"


def _signed(points: float) -> str:
    """A difference in points, with as many digits as it takes not to look like none."""
    return f"{points:+.2f}" if abs(points) >= 0.005 or not points else f"{points:+.0e}"
