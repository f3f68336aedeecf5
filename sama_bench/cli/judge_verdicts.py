"""`sama-bench judge list` and `judge drop`: the verdicts that a run holds, and the end of some of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from sama_bench.files.json_files import as_json
from sama_bench.json_option import check_writable, json_option, put


@click.command(
    "list",
    short_help="List whose verdicts a run holds.",
    epilog="Example: sama-bench judge list runs/mine --json -",
)
@click.argument("run", type=click.Path(path_type=Path))
@json_option("the list")
def list_verdicts(run: Path, json_path: str | None) -> None:
    """List the judges whose verdicts RUN holds, with their keys, and whether sama-bench score takes them.

    Of several judges for one column, score takes the one that was asked last. One that said nothing is in no signature.
    """
    from sama_bench.judge.kept_judges import judge_rows
    from sama_bench.run.store import Store

    check_writable(json_path)
    with Store.open(run) as store:
        rows = judge_rows(store)
    if not put(json_path, as_json({"run": str(run), "judges": rows})):
        _print(rows, run)


@click.command(
    "drop",
    short_help="Drop a judge's verdicts from a run.",
    epilog="Example: sama-bench judge drop runs/mine 1f0c2ab94d5e6f70",
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@json_option("what was dropped")
def drop_verdicts(run: Path, keys: Sequence[str], json_path: str | None) -> None:
    """Drop the verdicts of the judges KEY from RUN (keys, or their first digits, as sama-bench judge list shows them).

    Replies stay in the cache: asked again, the same judge's are read anew and not paid for again.
    """
    from sama_bench.judge.kept_judges import drop
    from sama_bench.run.store import Store

    check_writable(json_path)
    with Store.open(run, write=True) as store:
        dropped = drop(store, keys)
    if put(json_path, as_json({"run": str(run), "dropped": dropped})):
        return
    for row in dropped:
        click.echo(f"{run}: dropped {row['verdicts']} verdicts of {row['label']} ({row['column']}, {row['key']})")
    click.echo(f"replies stay in the cache; for scores without these verdicts: sama-bench score {run}")


def _print(rows: Sequence[Mapping[str, Any]], run: Path) -> None:
    from sama_bench.console import Console
    from sama_bench.tables import Column, layout, numbers, print_table

    if not rows:
        click.echo(f"{run}: no verdicts; make them with: sama-bench judge {run} --judge MODEL")
        return
    names, counts = (Column("key", whole=True), Column("column", whole=True)), numbers(("verdicts", "unscored"))
    cells = [
        (
            row["key"],
            row["column"],
            str(row["verdicts"]),
            str(row["unscored"]),
            "yes" if row["used"] else "no",
            row["label"],
        )
        for row in rows
    ]
    print_table(layout([*names, *counts, Column("used", whole=True), "judge"], cells), Console())
    click.echo(f"to drop a judge's verdicts: sama-bench judge drop {run} KEY")
