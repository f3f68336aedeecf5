"""A comparison of two runs as tables in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.benchmark.installed import load_task
from sama_bench.console import print_table
from sama_bench.score.comparison import Comparison, Line
from sama_bench.score.intervals import RESAMPLES

HEADINGS = ("metric", "A", "B", "B - A", "[low, high]", "p", "B > = <")


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print a table for each task and protocol, its signature below it, and what the columns are."""
    console.print(Text(f"{sides(comparison)}\n"), soft_wrap=True)
    for (protocol, task), lines in comparison.lines.items():
        console.print(Text(title(task, protocol), style="bold"))
        print_table(_table(lines), console)
        console.print(Text(comparison.signatures[protocol, task], style="dim"), soft_wrap=True)
        console.print()
    for message in comparison.left_out:
        console.print(Text(f"left out: {message}", style="yellow"), soft_wrap=True)
    console.print(Text(legend()))


def sides(comparison: Comparison) -> str:
    """A line for each of the two: its name, how its model was asked, and under which history, where that differs."""
    ways = [f" (asked: {way})" if way else "" for way in comparison.asked]
    if comparison.histories is not None:
        ways = [f"{way}, history {history}" for way, history in zip(ways, comparison.histories, strict=True)]
    return "\n".join(f"{side}: {name}{way}" for side, name, way in zip("AB", comparison.names, ways, strict=True))


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
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
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
