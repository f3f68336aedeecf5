"""`sama-bench judge ratings`: put what people think of a run's answers into the run, beside its judges."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.files.json_files import as_json
from sama_bench.json_option import json_option, put

if TYPE_CHECKING:
    from sama_bench.judge.agreement import Agreement, Measure


@click.command(
    short_help="Put ratings of people into a run.",
    epilog="Example: sama-bench judge ratings runs/mine people.csv --scale 1 5",
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--scale", type=float, nargs=2, default=(0.0, 1.0), metavar="WORST BEST", help="Of scores.  [default: 0 1]"
)
@click.option("--name", default="people", show_default=True, help="What these people are called.")
@json_option("the agreement")
def ratings(run: Path, file: Path, scale: tuple[float, float], name: str, json_path: str | None) -> None:
    """Put the ratings in FILE of answers of RUN into the run, as a judge of kind human, and say how far all agree.

    FILE is CSV with the columns task, question_id, score and maybe rater, reason, or the same as JSON lines. Several
    people may rate a question. `sama-bench report` shows the ratings beside the judges', with their agreement on the
    same questions. Ratings of the same NAME are replaced; `sama-bench judge drop` takes them out.
    """
    from sama_bench.judge import people
    from sama_bench.judge.people_agreement import agreements, raters_agree
    from sama_bench.run.store import Store

    given = people.read(file, scale)
    with Store.open(run, write=True) as store:
        key = people.keep(store, given, name)
        judged = store.judged()
        videos = {question: video for video in store.videos() for question in store.predictions(video)}
    among, with_judges = raters_agree(judged, videos), agreements(judged, videos)
    content = {
        "run": str(run),
        "key": key,
        "ratings": len(given),
        "raters": sorted({one.rater for one in given}),
        "among_raters": None if among is None else {"value": among.value, "interval": among.interval},
        "judges": [one.to_json() for one in with_judges.values()],
    }
    if not put(json_path, as_json(content)):
        _tell(run, len(given), len({one.rater for one in given}), among, list(with_judges.values()))


def _tell(run: Path, count: int, raters: int, among: Measure | None, with_judges: list[Agreement]) -> None:
    from sama_bench.console import Console
    from sama_bench.judge.table import print_agreement

    click.echo(f"{run}: {count} ratings of {raters} {'person' if raters == 1 else 'people'}")
    if among is not None and among.value is not None:
        ends = f" [{among.interval[0]:.3f}, {among.interval[1]:.3f}]" if among.interval else ""
        click.echo(f"Krippendorff's alpha among them: {among.value:.3f}{ends}")
    for agreement in with_judges:
        print_agreement(agreement, Console())
    click.echo(f"to see them beside the judges: sama-bench report {run}")
