"""Breakdowns as tables in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.benchmark.installed import tasks
from sama_bench.console import print_table
from sama_bench.metric import Metric
from sama_bench.score.scores import Breakdowns, Part


def print_breakdowns(breakdowns: Breakdowns, console: Console) -> None:
    """Print a table for each task and protocol, a section of it for each dimension."""
    for task in tasks():
        for protocol in task.scoring:
            if dimensions := breakdowns.get(protocol.name, {}).get(task.key):
                heading = f"{task.alias}, {protocol.name} protocol, by part: percent ± half of the 95 % interval"
                console.print(Text(heading, style="bold"))
                metrics = [metric for metric in protocol.metrics if metric.by_part]
                print_table(_table(metrics, dimensions), console)
                console.print()


def _table(metrics: Sequence[Metric], dimensions: Mapping[str, Sequence[Part]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("part", no_wrap=True)
    table.add_column("of*", justify="right", no_wrap=True)
    for metric in metrics:
        table.add_column(metric.label, justify="right")
    for dimension, parts in dimensions.items():
        table.add_row(Text(dimension, style="bold"))
        for part in parts:
            values = (_value(part, metric.name) for metric in metrics)
            table.add_row(Text(f" {part.part}"), f"{part.questions}/{part.videos}", *values)
        table.add_section()
    table.caption = "* questions/videos"
    return table


def _value(part: Part, name: str) -> str:
    if name not in part.mean:
        return "–"
    value = f"{100 * part.mean[name]:.2f}"
    if name not in part.interval:
        return value
    low, high = part.interval[name]
    return f"{value} ±{50 * (high - low):.2f}"
