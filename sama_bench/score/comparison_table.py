"""A comparison of two runs as tables in a terminal."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.benchmark.installed import load_task
from sama_bench.score.comparison import Comparison, Line
from sama_bench.score.comparison_summary import headlines
from sama_bench.score.intervals import RESAMPLES
from sama_bench.score.rounding import percent
from sama_bench.tables import print_table

HEADINGS = ("metric", "A", "B", "B - A", "[low, high]", "p", "B > = <")


def print_comparison(comparison: Comparison, console: Console, *, show_all: bool = True) -> None:
    """Print what it comes to in a sentence, the questions that changed most, a table for each task, what columns are.

    Without `show_all` the tables hold the headline metrics alone. The signatures stand at the end, once.
    """
    console.print(Text(comparison.sentence, style="bold"))
    console.print(Text(f"\n{sides(comparison)}"), soft_wrap=True)
    _print_changes(comparison, console)
    console.print()
    shown = _all(comparison) if show_all else _headlines(comparison)
    for heading, lines in shown:
        console.print(Text(heading, style="bold"))
        print_table(_table(lines), console)
    for message in comparison.left_out:
        console.print(Text(f"left out: {message}", style="yellow"), soft_wrap=True)
    console.print(Text(legend(), style="dim"))
    hidden = sum(map(len, comparison.lines.values())) - sum(len(lines) for _, lines in shown)
    if hidden:
        console.print(Text(f"{hidden} more metrics: --all", style="dim"))
    signatures = dict.fromkeys(comparison.signatures.values())
    if show_all:
        for signature in signatures:
            console.print(Text(signature, style="dim"), soft_wrap=True)
    elif signatures:
        parts = dict(part.partition(":")[::2] for part in next(iter(signatures)).split("|"))
        short = "|".join(f"{name}:{parts[name]}" for name in ("bench", "version") if name in parts)
        console.print(Text(f"signature {short or next(iter(signatures))} (whole: --all)", style="dim"))


def _all(comparison: Comparison) -> list[tuple[str, Sequence[Line]]]:
    return [(title(task, protocol), lines) for (protocol, task), lines in comparison.lines.items()]


def _headlines(comparison: Comparison) -> list[tuple[str, Sequence[Line]]]:
    by_task: dict[str, list[Line]] = {}
    for headline in headlines(comparison.lines):
        by_task.setdefault(headline.task.key, []).append(headline.line)
    return [(title(task, lines[0].metric.protocol), lines) for task, lines in by_task.items()]


def _print_changes(comparison: Comparison, console: Console) -> None:
    if not comparison.changed:
        return
    console.print(Text("\nquestions that changed most (A to B, percent)", style="bold"))
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for change in comparison.changed:
        values = f"{percent(change.a)} → {percent(change.b)}", percent(change.b - change.a, signed=True)
        style = "green" if change.gain > 0 else "red"
        table.add_row(str(change.key), change.metric.label, values[0], Text(values[1], style=style))
    print_table(table, console)
    first = comparison.changed[0].key
    for name in comparison.names:
        console.print(Text(f"look at one: sama-bench show {first} {shlex.quote(name)}"), soft_wrap=True)


def sides(comparison: Comparison) -> str:
    """A line for each of the two: its name, where it is, how its model was asked, and its history if that differs."""
    ways = [f" (asked: {way})" if way else "" for way in comparison.asked]
    if comparison.histories is not None:
        ways = [f"{way}, history {history}" for way, history in zip(ways, comparison.histories, strict=True)]
    called = [
        name if label in {name, side} else f"{label}, {name}"
        for side, label, name in zip("AB", comparison.labels, comparison.names, strict=True)
    ]
    return "\n".join(f"{side}: {name}{way}" for side, name, way in zip("AB", called, ways, strict=True))


def title(task: str, protocol: str) -> str:
    """The heading of the table of one task and protocol."""
    return f"{load_task(task).alias}, {protocol} protocol, percent"


def legend() -> str:
    """The meaning of the columns."""
    return (
        f"[low, high]: 95 % interval of B - A, {RESAMPLES} resamples of the videos. p: two-sided, by swaps of whole "
        "videos, not corrected for the number of metrics. B > = <: in how many questions (q) or videos (v) B does "
        "better than A, as well, worse."
    )


def _table(lines: Sequence[Line]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column(HEADINGS[0])
    for heading in HEADINGS[1:]:
        table.add_column(Text(heading), justify="right", no_wrap=True)
    for line in lines:
        table.add_row(*map(Text, cells(line)))
    return table


def cells(line: Line) -> list[str]:
    """The cells of one metric, under `HEADINGS`, in percent."""
    interval = "–" if line.interval is None else f"[{100 * line.interval[0]:.2f}, {100 * line.interval[1]:.2f}]"
    tally = f"{line.tally.better} {line.tally.equal} {line.tally.worse} {line.tally.unit[0]}"
    values = [f"{100 * value:.2f}" for value in (line.a, line.b)]
    p = "–" if line.p is None else f"{line.p:.4f}"
    return [line.metric.heading, *values, f"{100 * line.difference:+.2f}", interval, p, tally]
