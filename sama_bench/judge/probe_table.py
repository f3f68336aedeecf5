"""The rates of a judge's probes as a table in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from sama_bench.judge.judge_config import JudgeConfig
from sama_bench.judge.probe import Rate
from sama_bench.tables import EMPTY, Column, Look, interval, layout, numbers, points, print_table

COLUMNS: list[str | Column] = ["probe", "counted", *numbers(("rate", "best", "95 % interval", "n", "unscored"))]


def print_rates(config: JudgeConfig, rates: Sequence[Rate], console: Console) -> None:
    """Print each probe's rate with its interval, what it would best be, and on how many pairs it rests."""
    console.print(Text(f"{config.model}, template {config.template.label}, the demo's texts"), soft_wrap=True)
    print_table(layout(COLUMNS, map(_cells, rates), Look.BOXED), console)


def _cells(rate: Rate) -> tuple[str, ...]:
    share = points(rate.count / rate.n) if rate.n else EMPTY
    bounds = interval(rate.interval, scale=1)
    return rate.probe, rate.what, share, str(rate.best), bounds, str(rate.n), str(rate.unscored)
