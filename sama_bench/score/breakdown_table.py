"""Breakdowns as tables in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.benchmark.installed import tasks
from sama_bench.metric import Metric
from sama_bench.score.scores import Breakdowns, Part
from sama_bench.tables import EMPTY, RULE, Column, half_width, layout, numbers, percent, print_table
from sama_bench.tables.layout import Cells


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
    columns = [Column("part", whole=True), *numbers(["of*", *(metric.label for metric in metrics)])]
    return layout(columns, _rows(metrics, dimensions), caption="* questions/videos")


def _rows(metrics: Sequence[Metric], dimensions: Mapping[str, Sequence[Part]]) -> Iterator[Cells]:
    for dimension, parts in dimensions.items():
        yield (Text(dimension, style="bold"),)
        for part in parts:
            values = (_value(part, metric.name) for metric in metrics)
            yield (f" {part.part}", f"{part.questions}/{part.videos}", *values)
        yield RULE


def _value(part: Part, name: str) -> str:
    if name not in part.mean:
        return EMPTY
    half = f" {half_width(part.interval[name])}" if name in part.interval else ""
    return percent(part.mean[name]) + half
