"""`sama-bench report`: the runs' scores in one place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from sama_bench.errors import UserError, each

if TYPE_CHECKING:
    from sama_bench.leaderboard.board import Board, ScoredRun
    from sama_bench.leaderboard.page.samples import Samples

RUNS = Path("runs")


def _samples(_context: click.Context, _option: click.Parameter, value: str) -> Samples:
    if value in {"all", "worst"}:
        return cast("Samples", value)
    if value.isdecimal():
        return int(value)
    raise click.BadParameter(f"{value!r} is not a number of questions, all or worst")


@click.command(epilog="Example: sama-bench report runs/motion-demo runs/still-demo --out report")
@click.argument("runs", metavar="[RUN]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("report"),
    show_default=True,
    help="Folder for the files.",
)
@click.option(
    "--samples",
    metavar="N|all|worst",
    callback=_samples,
    default="24",
    show_default=True,
    help="How many questions the page shows with their frames: the worst, the most disputed, and some of all kinds.",
)
def report(runs: tuple[Path, ...], out: Path, samples: Samples) -> None:
    """Put scored runs side by side: in the terminal, as Markdown, CSV and JSON, and as a page for a browser.

    Without RUN, all runs in ./runs. Numbers that were not made in the same way (their signatures differ)
    stand in tables of their own.
    """
    from rich.console import Console

    from sama_bench.leaderboard.board import boards
    from sama_bench.leaderboard.load import load
    from sama_bench.leaderboard.terminal import show

    scored = each(load, dict.fromkeys(runs or _all_runs()))
    found = boards(scored)
    files = [*_write(found, out), _write_page(found, scored, out, samples)]
    show(found, Console())
    click.echo("\n".join(str(file) for file in files))


def _all_runs() -> tuple[Path, ...]:
    found = tuple(sorted(manifest.parent for manifest in RUNS.glob("*/manifest.json")))
    if not found:
        raise UserError(
            f"there is no run in ./{RUNS}: make one with `sama-bench run --model motion`, or name its folder"
        )
    return found


def _write(found: list[Board], out: Path) -> list[Path]:
    from sama_bench.atomic import write_text
    from sama_bench.leaderboard import tidy
    from sama_bench.leaderboard.markdown import markdown

    contents = {
        "report.md": markdown(found),
        "report.csv": tidy.frame(found).to_csv(index=False, lineterminator="\n"),
        "report.json": tidy.as_json(found),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            write_text(out / name, content)
    except OSError as problem:
        raise UserError(f"{out}: the report cannot be written ({problem.strerror or problem})") from problem
    return [out / name for name in contents]


def _write_page(found: list[Board], scored: list[ScoredRun], out: Path, samples: Samples) -> Path:
    from sama_bench.leaderboard.page import write_page

    try:
        return write_page(out, found, scored, samples)
    except OSError as problem:
        raise UserError(f"{out}: the page cannot be written ({problem.strerror or problem})") from problem
