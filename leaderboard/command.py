"""`sama-bench report`: the runs' scores in one place."""

from __future__ import annotations

from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, cast

import click

from sama_bench.errors import UserError

if TYPE_CHECKING:
    from sama_bench.leaderboard.page.samples import Samples

RUNS = Path("runs")
SECONDS_BETWEEN = 60.0


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
    "--reported",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="YAML of numbers that others reported, with their source; shown apart, never ranked. May be repeated.",
)
@click.option(
    "--samples",
    metavar="N|all|worst",
    callback=_samples,
    default="24",
    show_default=True,
    help="How many questions the page shows with their frames: the worst, the most disputed, and some of all kinds.",
)
@click.option("--follow", is_flag=True, help="Write it anew each minute, as long as a run is being asked.")
def report(runs: tuple[Path, ...], out: Path, reported: tuple[Path, ...], samples: Samples, follow: bool) -> None:
    """Put scored runs side by side: in the terminal, as Markdown, LaTeX, CSV and JSON, and as a page for a browser.

    Without RUN, all in ./runs. What `sama-bench general` keeps in these folders has tables of its own. Numbers that
    were not made in the same way (their signatures differ) stand in tables of their own. A run that is being asked now
    is scored as far as it is, and marked as partial; its page loads itself again each minute.
    """
    from sama_bench.console import Console
    from sama_bench.leaderboard.board import boards
    from sama_bench.leaderboard.general import general_boards
    from sama_bench.leaderboard.load import load_all
    from sama_bench.leaderboard.people import people_boards
    from sama_bench.leaderboard.reported import read_reported
    from sama_bench.leaderboard.terminal import show
    from sama_bench.leaderboard.write import write_report

    others = read_reported(dict.fromkeys(reported))
    scored, general = load_all(dict.fromkeys(runs or _all_runs()))
    files = write_report(scored, others, out, samples, general)
    while follow and any(run.scores.partial for run in scored):
        sleep(SECONDS_BETWEEN)
        scored, general = load_all(dict.fromkeys(runs or _all_runs()))
        write_report(scored, others, out, samples, general)
    show([*boards(scored, others), *people_boards(scored), *general_boards(general)], Console())
    click.echo("\n".join(str(file) for file in files))


def _all_runs() -> tuple[Path, ...]:
    folders = tuple(
        sorted({file.parent for name in ("manifest.json", "general.json") for file in RUNS.glob(f"*/{name}")})
    )
    if not folders:
        raise UserError(
            f"there is no run in ./{RUNS}: make one with `sama-bench run --model motion`, or name its folder"
        )
    return folders
