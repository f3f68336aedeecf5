"""`sama-bench status`: how a run stands, while it is asked and afterwards."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

import click

from sama_bench.files.json_files import as_json
from sama_bench.json_option import STDOUT, json_option, put

if TYPE_CHECKING:
    from rich.table import Table

    from sama_bench.run.status import Status

SECONDS_BETWEEN = 2.0
MINUTE = 60.0


@click.command(
    short_help="How a run stands: done, rate, time left, workers.",
    epilog="Example: sama-bench status runs/motion-demo --follow",
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--follow", is_flag=True, help="Go on telling until the run has ended; off a terminal, each minute.")
@json_option("it, with --follow an object a line,")
def status(run: Path, follow: bool, json_path: str | None) -> None:
    """Tell how RUN stands: questions answered, errors, rate, time left, how busy its workers are, its slowest videos.

    It only reads, and may be asked at any time, from any machine that sees the folder.
    """
    from sama_bench.run.status import status_of

    if not follow:
        status = status_of(run)
        if not put(json_path, as_json(status.to_json(), indent=1)):
            _show(status)
        return
    if json_path == STDOUT:
        _follow_as_json(run)
        return
    _follow(run)
    put(json_path, as_json(status_of(run).to_json(), indent=1))


def _follow_as_json(run: Path) -> None:
    from sama_bench.run.status import status_of

    while True:
        status = status_of(run)
        click.echo(json.dumps(status.to_json(), ensure_ascii=False))
        if not status.is_live:
            return
        sleep(SECONDS_BETWEEN)


def _show(status: Status) -> None:
    from sama_bench.console import Console
    from sama_bench.tables import print_table

    console = Console()
    console.print(status.line(), markup=False, highlight=False, soft_wrap=True)
    if status.workers:
        print_table(_table(status), console)
    if status.slowest:
        console.print(status.slowest_line(), markup=False, highlight=False, soft_wrap=True)


def _follow(run: Path) -> None:
    """Show the run's state in one place of a terminal, elsewhere in a line a minute; at the end as without --follow."""
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    from sama_bench.console import Console
    from sama_bench.run.status import status_of

    terminal = sys.stdout.isatty()
    with Live(console=Console(), auto_refresh=False, transient=True) if terminal else nullcontext() as shown:
        while True:
            status = status_of(run)
            if not status.is_live:
                break
            if shown is None:
                click.echo(status.line())
            else:
                shown.update(Group(Text(status.line()), _table(status), Text(status.slowest_line())), refresh=True)
            sleep(SECONDS_BETWEEN if terminal else MINUTE)
    _show(status)


def _table(status: Status) -> Table:
    from sama_bench.tables import Column, layout, numbers

    columns: list[str | Column] = ["worker", "device", *numbers(("at work", "questions", "videos", "deaths")), "now at"]
    rows = []
    for worker in status.workers:
        busy = "" if worker.utilisation is None else f"{worker.utilisation:.0%}"
        counts = map(str, (worker.questions, worker.videos, worker.deaths))
        now = worker.now if status.state == "asking" else None
        rows.append((worker.name, worker.device or "", busy, *counts, now or ""))
    return layout(columns, rows)
