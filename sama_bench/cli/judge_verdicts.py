"""`sama-bench judge list` and `judge drop`: the verdicts that a run holds, and the end of some of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sama_bench.cli.json_file import as_json, check_writable, put
from sama_bench.errors import UserError

if TYPE_CHECKING:
    from sama_bench.verdicts.judge_result import Judged
    from sama_bench.run.store import Store

SHORTEST = 4


@click.command(
    "list",
    short_help="List whose verdicts a run holds.",
    epilog="Example: sama-bench judge list runs/mine --json -",
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--json", "json_path", metavar="OUT", help="Write the list as JSON to this file; - for stdout.")
def list_verdicts(run: Path, json_path: str | None) -> None:
    """List the judges whose verdicts RUN holds, with their keys, and whether sama-bench score takes them.

    Of several judges for one column, score takes the one that was asked last. One that said nothing is in no signature.
    """
    from sama_bench.run.store import Store

    check_writable(json_path)
    with Store.open(run) as store:
        rows = listed(store)
    if not put(json_path, as_json({"run": str(run), "judges": rows})):
        _print(rows, run)


@click.command(
    "drop",
    short_help="Drop a judge's verdicts from a run.",
    epilog="Example: sama-bench judge drop runs/mine 1f0c2ab94d5e6f70",
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@click.option("--json", "json_path", metavar="OUT", help="Write what was dropped as JSON to this file; - for stdout.")
def drop_verdicts(run: Path, keys: Sequence[str], json_path: str | None) -> None:
    """Drop the verdicts of the judges KEY from RUN (keys, or their first digits, as sama-bench judge list shows them).

    Replies stay in the cache: asked again, the same judge's are read anew and not paid for again.
    """
    from sama_bench.run.store import Store

    check_writable(json_path)
    with Store.open(run, write=True) as store:
        rows = {row["key"]: row for row in listed(store)}
        dropped = [rows[key] for key in _chosen(run, keys, rows)]
        for row in dropped:
            store.drop_judge(row["key"])
    if put(json_path, as_json({"run": str(run), "dropped": dropped})):
        return
    for row in dropped:
        click.echo(f"{run}: dropped {row['verdicts']} verdicts of {row['label']} ({row['column']}, {row['key']})")
    click.echo(f"replies stay in the cache; for scores without these verdicts: sama-bench score {run}")


def listed(store: Store) -> list[dict[str, Any]]:
    """One row for each judge that a run knows, the one that was asked last at the end, with JSON's own types."""
    used = {column: dict(judged.about) for column, judged in store.judged().items()}
    return [_row(key, judged, used) for key, judged in store.judged_by().items()]


def _row(key: str, judged: Judged, used: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    verdicts = [one for own in judged.verdicts.values() for one in own]
    return {
        "key": key,
        "column": judged.column,
        "label": judged.label,
        "questions": len(judged.verdicts),
        "verdicts": len(verdicts),
        "unscored": sum(one.score is None for one in verdicts),
        "used": bool(verdicts) and used.get(judged.column) == judged.about,
    }


def _chosen(run: Path, asked: Sequence[str], known: Mapping[str, Any]) -> list[str]:
    """The keys that begin with what was asked for, each once. Raises UserError for all that name none, or several."""
    found = {word: [key for key in known if len(word) >= SHORTEST and key.startswith(word.lower())] for word in asked}
    there_are = f"the run has {', '.join(known)}" if known else "the run has no verdicts"
    problems = [
        f"{run}: {word!r} names {len(keys) or 'no'} judge{'s' * (len(keys) > 1)} of this run; {there_are}"
        for word, keys in found.items()
        if len(keys) != 1
    ]
    if problems:
        raise UserError(problems)
    return list(dict.fromkeys(keys[0] for keys in found.values()))


def _print(rows: Sequence[Mapping[str, Any]], run: Path) -> None:
    from rich.table import Table
    from rich.text import Text

    from sama_bench.console import Console

    if not rows:
        click.echo(f"{run}: no verdicts; make them with: sama-bench judge {run} --judge MODEL")
        return
    table = Table()
    for heading in ("key", "column", "verdicts", "unscored", "in score"):
        table.add_column(heading, justify="right" if heading in {"verdicts", "unscored"} else "left", no_wrap=True)
    table.add_column("judge", overflow="fold")
    for row in rows:
        counts = str(row["verdicts"]), str(row["unscored"])
        table.add_row(row["key"], row["column"], *counts, "yes" if row["used"] else "no", Text(row["label"]))
    Console().print(table)
    click.echo(f"to drop a judge's verdicts: sama-bench judge drop {run} KEY")
