"""The rates of a judge's probes as a table in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.console import print_table
from sama_bench.judge.judge_config import JudgeConfig
from sama_bench.judge.probe import Rate

EMPTY = "–"


def print_rates(judging: JudgeConfig, found: Sequence[Rate], console: Console) -> None:
    """Print each probe's rate with its interval, what it would best be, and on how many pairs it rests."""
    table = Table()
    for heading in ("probe", "counted"):
        table.add_column(heading)
    for heading in ("rate", "best", "95 % interval", "n", "unscored"):
        table.add_column(heading, justify="right")
    for one in found:
        ends = EMPTY if one.interval is None else f"[{one.interval[0]:.2f}, {one.interval[1]:.2f}]"
        rate = f"{one.count / one.n:.2f}" if one.n else EMPTY
        table.add_row(one.probe, one.what, rate, str(one.best), ends, str(one.n), str(one.unscored))
    console.print(Text(f"{judging.model}, template {judging.template.label}, the demo's texts"), soft_wrap=True)
    print_table(table, console)
