"""`sama-bench report`: the runs' scores in one place."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, cast

import click

from sama_bench.errors import UserError
from sama_bench.json_option import check_writable, json_option, put
from sama_bench.run.folders import RUNS
from sama_bench.suggestions import nearest

if TYPE_CHECKING:
    from sama_bench.leaderboard.load import Loaded
    from sama_bench.leaderboard.page.samples import Samples
    from sama_bench.leaderboard.reported import Reported

SECONDS_BETWEEN = 60.0


def _samples(_context: click.Context, _option: click.Parameter, value: str) -> Samples:
    if value in {"all", "worst"}:
        return cast("Samples", value)
    if value.isdecimal():
        return int(value)
    raise click.BadParameter(f"{value!r} is not a number of questions, all or worst{nearest(value, ['all', 'worst'])}")


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
@click.option("--metric", "metrics", metavar="NAME", multiple=True, help="Show this metric instead; repeatable.")
@click.option("--all", "show_all", is_flag=True, help="Show all metrics of all protocols.")
@click.option("--follow", is_flag=True, help="Write it anew each minute, as long as a run is being asked.")
@json_option("what report.json holds")
def report(
    runs: tuple[Path, ...],
    out: Path,
    reported: tuple[Path, ...],
    samples: Samples,
    metrics: tuple[str, ...],
    show_all: bool,
    follow: bool,
    json_path: str | None,
) -> None:
    """Put scored runs side by side: in the terminal, as Markdown, LaTeX, CSV and JSON, and as a page for a browser.

    Without RUN, all in ./runs. The terminal shows a table for each benchmark: its headline metrics, the runs ranked by
    the first; a run that was asked or answered few questions is folded to a line. The files hold all metrics.

    What `sama-bench general` keeps in these folders has tables of its own. Numbers that were not made in the same way
    (their signatures differ) stand in tables of their own. A run that is being asked now is scored as far as it is, and
    marked as partial; its page loads itself again each minute.
    """
    from sama_bench.leaderboard.reported import read_reported

    check_writable(json_path)
    others = read_reported(dict.fromkeys(reported))
    loaded = _loaded(runs)
    if json_path is None:
        _show(loaded, others, out, metrics, show_all=show_all)
    files = _write(loaded, others, out, samples)
    while follow and any(run.scores.partial for run in loaded.scored):
        sleep(SECONDS_BETWEEN)
        loaded = _loaded(runs)
        files = _write(loaded, others, out, samples)
    if follow and json_path is None:
        _show(loaded, others, out, metrics, show_all=show_all)
    if not put(json_path, (out / "report.json").read_bytes() if json_path else b""):
        tables = " ".join(file.name for file in files[:-1])
        click.echo(f"tables in {out}: {tables}\npage: {files[-1]}")


def _loaded(runs: Sequence[Path]) -> Loaded:
    """The runs that were named, all of which have to be readable; without a name those of ./runs that are."""
    from sama_bench.leaderboard.load import Loaded, load_all, load_readable

    return Loaded(*load_all(dict.fromkeys(runs)), []) if runs else load_readable(_all_runs())


def _show(loaded: Loaded, others: Sequence[Reported], out: Path, metrics: Sequence[str], *, show_all: bool) -> None:
    """Print the tables; this takes no time, as the page may."""
    from sama_bench.console import Console
    from sama_bench.leaderboard import histories
    from sama_bench.leaderboard.board import boards
    from sama_bench.leaderboard.general import general_boards
    from sama_bench.leaderboard.people import people_boards
    from sama_bench.leaderboard.summary import headline, named_metrics, summaries
    from sama_bench.leaderboard.summary_table import print_summaries
    from sama_bench.leaderboard.terminal import show

    all_boards = [*boards(loaded.scored, others), *general_boards(loaded.general)]
    console = Console()
    rated = people_boards(loaded.scored)
    if show_all:
        show([*all_boards, *rated], console)
    else:
        # Boards without a column are of no summary: what has no number is told, not left out.
        show([board for board in all_boards if board.rows and not board.columns], console)
        wanted = named_metrics(metrics, all_boards) if metrics else headline
        print_summaries(summaries(all_boards, wanted), all_boards, console, str(out / "report.json"))
        show(rated, console)
    histories.show(loaded.scored, console)
    sys.stdout.flush()
    for line in UserError(loaded.lines()).lines():
        click.echo(f"left out: {line}", err=True)


def _write(loaded: Loaded, others: Sequence[Reported], out: Path, samples: Samples) -> list[Path]:
    from sama_bench.leaderboard.write import write_report

    return write_report(loaded.scored, others, out, samples, loaded.general)


def _all_runs() -> tuple[Path, ...]:
    folders = tuple(
        sorted({file.parent for name in ("manifest.json", "general.json") for file in RUNS.glob(f"*/{name}")})
    )
    if not folders:
        raise UserError(
            f"there is no run in ./{RUNS}: make one with `sama-bench run --model motion`, or name its folder"
        )
    return folders
