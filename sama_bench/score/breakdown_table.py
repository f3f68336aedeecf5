"""Breakdowns as tables in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.console import print_table
from sama_bench.score.breakdowns import METRICS
from sama_bench.task import load_task
from sama_bench.types import TASKS


def print_breakdowns(breakdowns: Mapping[str, Any], console: Console) -> None:
    """Print a table for each task and protocol, a section of it for each dimension."""
    for task in TASKS:
        for protocol, tasks in breakdowns.items():
            if task in tasks:
                heading = f"{load_task(task).alias}, {protocol} protocol, by part: percent ± half of the 95 % interval"
                console.print(Text(heading, style="bold"))
                print_table(_table(protocol, task, tasks[task]), console)
                console.print()


def _table(protocol: str, task: str, dimensions: Mapping[str, Any]) -> Table:
    labels = {metric.name: metric.label for key in TASKS if key == task for metric in load_task(key).columns(protocol)}
    names = METRICS[protocol, task]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("part", no_wrap=True)
    table.add_column("of*", justify="right", no_wrap=True)
    for name in names:
        table.add_column(labels[name], justify="right")
    for dimension, parts in dimensions.items():
        table.add_row(Text(dimension, style="bold"))
        for part in parts:
            table.add_row(
                f" {part['part']}", f"{part['questions']}/{part['videos']}", *(_value(part, name) for name in names)
            )
        table.add_section()
    table.caption = "* questions/videos"
    return table


def _value(part: Mapping[str, Any], name: str) -> str:
    if name not in part["mean"]:
        return "–"
    value = f"{100 * part['mean'][name]:.2f}"
    if name not in part["interval"]:
        return value
    low, high = part["interval"][name]
    return f"{value} ±{50 * (high - low):.2f}"
