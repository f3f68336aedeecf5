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


def print_rates(config: JudgeConfig, rates: Sequence[Rate], console: Console) -> None:
    """Print each probe's rate with its interval, what it would best be, and on how many pairs it rests."""
    table = Table()
    for heading in ("probe", "counted"):
        table.add_column(heading)
    for heading in ("rate", "best", "95 % interval", "n", "unscored"):
        table.add_column(heading, justify="right")
    for rate_of_probe in rates:
        bounds = (
            EMPTY
            if rate_of_probe.interval is None
            else f"[{rate_of_probe.interval[0]:.2f}, {rate_of_probe.interval[1]:.2f}]"
        )
        rate = f"{rate_of_probe.count / rate_of_probe.n:.2f}" if rate_of_probe.n else EMPTY
        table.add_row(
            rate_of_probe.probe,
            rate_of_probe.what,
            rate,
            str(rate_of_probe.best),
            bounds,
            str(rate_of_probe.n),
            str(rate_of_probe.unscored),
        )
    console.print(Text(f"{config.model}, template {config.template.label}, the demo's texts"), soft_wrap=True)
    print_table(table, console)
