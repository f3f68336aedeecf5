"""`sama-bench data`: frames of VidSTG from its videos, and SAMA-239K, the training data, looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.control_characters import escape_controls
from sama_bench.errors import UserError
from sama_bench.json_option import check_writable, json_option, put

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from sama_bench.score.scores import Scores
    from sama_bench.training_set.check import Report
    from sama_bench.training_set.overlap import Overlap
    from sama_bench.training_set.scores_without import Row
    from sama_bench.training_set.statistics import Statistics
    from sama_bench.video_frames.extraction import Outcome
    from sama_bench.video_frames.reading import Way

SHOWN = 20
SHOWN_PLACES = 3  # of each kind of defect
JSON = json_option("the result")


@click.group(epilog="Example: sama-bench data frames videos/vidor --bench data/sama_bench")
def data() -> None:
    """Cut VidSTG's frames from videos; check SAMA-239K, the training data."""


@data.command(
    short_help="Cut VidSTG's frames from mp4s.",
    epilog="Example: sama-bench data frames videos/vidor --bench data/sama_bench",
)
@click.argument("videos", type=click.Path(path_type=Path))
@click.option("--bench", type=click.Path(path_type=Path), metavar="ROOT", help="SAMA-Bench's folder: names the videos.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", help="In place of --bench: all videos, here.")
@click.option(
    "--as", "way", type=click.Choice(["released", "exact"]), default="released", show_default=True,
    help="By seeking, as the released script does and the masks want, or the frames that the video has.",
)  # fmt: skip
@JSON
def frames(videos: Path, bench: Path | None, out: Path | None, way: Way, json_path: str | None) -> None:
    """Cut every 4th frame of the mp4s in VIDEOS (at any depth, as VidOR has them) into folders of JPEG files.

    With --bench these are the videos of SAMA-Bench's VidSTG part, below ROOT/VidSTG/val, and they are compared with its
    lists of frames and its masks. The released script sets the place in the video and reads one frame. Where the frame
    rate varies that is a neighbour of the frame that was meant, and where the end is cut off the last one again and
    again: for each video both ways are compared, and told where they differ. The masks were made for the former.

    Stopped, the same command goes on. Frames that something else cut are compared, and never replaced.

    Exit status: 0 all frames are there, 1 something does not hold, 2 bad usage.
    """
    from sama_bench.counting_bar import counting
    from sama_bench.video_frames.extraction import Extraction
    from sama_bench.video_frames.wanted import BenchmarkVideos, all_of, mp4s

    if (bench is None) == (out is None):
        raise UserError("expected either --bench ROOT (SAMA-Bench's folder) or --out FOLDER")
    benchmark = None if bench is None else BenchmarkVideos(bench)
    found = mp4s(videos)
    wanted = benchmark.wanted if benchmark is not None else all_of(found, Path(str(out)))
    with counting("frames", "videos", len(wanted)) as advance:
        outcomes = Extraction(found, way, benchmark).run(wanted, advance)
    problems = [] if benchmark is None else benchmark.problems
    content = {"as": way, "problems": problems, "videos": [outcome.to_json() for outcome in outcomes]}
    if not put(json_path, f"{json.dumps(content, indent=1)}\n".encode()):
        _tell_frames(outcomes)
    lines = [*problems, *(line for outcome in outcomes for line in outcome.problems)]
    for line in UserError(lines).lines():
        click.echo(f"error: {line}", err=True)
    if lines:
        raise click.exceptions.Exit(1)


def _tell_frames(outcomes: Sequence[Outcome]) -> None:
    from typing import get_args

    from sama_bench.video_frames.extraction import State

    differing = [outcome for outcome in outcomes if outcome.ways is not None and outcome.ways.differ]
    for outcome in differing[:SHOWN]:
        click.echo(escape_controls(f"{outcome.name}: {outcome.ways}"))
    if len(differing) > SHOWN:
        click.echo(f"… and {len(differing) - SHOWN} more (--json names them all)")
    states = [outcome.state for outcome in outcomes]
    counts = ", ".join(f"{states.count(state)} {state}" for state in get_args(State))
    click.echo(f"{len(outcomes)} videos: {counts}; seeking and reading in order differ in {len(differing)}")


@data.command(
    short_help="Check SAMA-239K, the training data.",
    epilog="Example: sama-bench data check data/sama239k_data",
)
@click.argument("path", type=click.Path(path_type=Path))
@JSON
def check(path: Path, json_path: str | None) -> None:
    """Tell all that is wrong in SAMA-239K at PATH: its folder, or sama239k_train_final.json with the others beside it.

    The file is read sample by sample, each mask file once; of frames the names are looked at, and the first of each
    video. Defects that stop the released loaders, or train on what is not there, are wrong; what these drop, and what
    is odd in the texts, is noted.

    Exit status: 0 nothing is wrong, 1 something is, 2 PATH is not the training data.
    """
    from sama_bench.training_set.check import check as examine

    with _reading(path) as advance:
        report = examine(path, advance)
    if not put(json_path, f"{json.dumps(report.to_json(), indent=1)}\n".encode()):
        _tell_check(report)
    if report.is_wrong:
        raise click.exceptions.Exit(1)


def _reading(path: Path) -> AbstractContextManager[Callable[[int], object]]:
    """A bar of the bytes of the training data."""
    from sama_bench.counting_bar import counting
    from sama_bench.training_set.layout import samples_file
    from sama_bench.training_set.tracks import sizes_of_files

    file = samples_file(path)
    return counting("reading", "bytes", file.stat().st_size + sizes_of_files(file.parent))


def _tell_check(report: Report) -> None:
    """A table of the kinds, then the first places of each."""
    from rich import box
    from rich.table import Column, Table
    from rich.text import Text

    from sama_bench.console import Console
    from sama_bench.tables import print_table

    videos, rounds, descriptions = (
        sum(counts.values()) for counts in (report.videos, report.rounds, report.descriptions)
    )
    click.echo(f"{report.path}: {videos:,} videos, {rounds:,} rounds, {descriptions:,} descriptions")
    table = Table("", "defect", Column("count", justify="right"), "meaning", box=box.SIMPLE_HEAD)
    for defect in report.defects:
        kind = defect.kind
        table.add_row("wrong" if kind.wrong else "noted", Text(kind.name), f"{defect.count:,}", Text(kind.meaning))
    console = Console()
    if report.defects:
        print_table(table, console)
    for defect in report.defects:
        for place in UserError(defect.places[:SHOWN_PLACES]).lines():
            console.print(Text(f"{defect.kind.name}: {place}"), soft_wrap=True)
        if defect.count > SHOWN_PLACES:
            more = defect.count - SHOWN_PLACES
            console.print(Text(f"{defect.kind.name}: … and {more:,} more (--json lists up to 1,000)"), soft_wrap=True)
    wrong = sum(defect.count for defect in report.defects if defect.kind.wrong)
    click.echo(f"{wrong:,} places are wrong" if wrong else "nothing is wrong")


@data.command(
    short_help="Count what SAMA-239K holds.",
    epilog="Example: sama-bench data stats data/sama239k_data --page sama239k.html",
)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--page", type=click.Path(path_type=Path), metavar="FILE", help="Write a page with plots, too.")
@JSON
def stats(path: Path, page: Path | None, json_path: str | None) -> None:
    """Count what SAMA-239K at PATH holds, by source: videos, rounds, marks, objects, frames, masks, words.

    Rounds are kept and dropped as the released loader does, for the reasons that are given. No frame is looked at.
    """
    from sama_bench.training_set.statistics import count
    from sama_bench.training_set.statistics_page import write_statistics

    check_writable(None if page is None else str(page), "--page ")
    with _reading(path) as advance:
        statistics = count(path, advance)
    if page is not None:
        write_statistics(statistics, page)
    if put(json_path, f"{json.dumps(statistics.to_json(), indent=1)}\n".encode()):
        return
    _tell_stats(statistics)
    if page is not None:
        click.echo(page)


def _tell_stats(statistics: Statistics) -> None:
    from rich import box
    from rich.table import Column, Table
    from rich.text import Text

    from sama_bench.console import Console
    from sama_bench.tables import print_table
    from sama_bench.training_set.statistics import MEASURES
    from sama_bench.training_set.statistics_page import rows

    columns = [Column(name, justify="right") for name in statistics.sources]
    table = Table("", *columns, box=box.SIMPLE_HEAD)
    for label, values in rows(statistics):
        table.add_row(Text(label), *(f"{value:,}" if value else "-" for value in values))
    table.add_section()
    for measure in MEASURES:
        summaries = [counts.measures[measure.name].summary() for counts in statistics.sources.values()]
        shown = [f"{summary['mean']:.1f}" if summary else "-" for summary in summaries]
        table.add_row(Text(f"{measure.title} ({measure.unit})"), *shown)
    print_table(table, Console())
    for note in statistics.notes:
        click.echo(f"note: {note}", err=True)


@data.command(
    short_help="Find what SAMA-239K shares with SAMA-Bench.",
    epilog="Example: sama-bench data overlap data/sama239k_data --bench data/sama_bench --page overlap.html",
)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--bench", required=True, type=click.Path(path_type=Path), metavar="ROOT", help="SAMA-Bench's folder.")
@click.option(
    "--others", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
    help="Videos of another training set: its meta_expressions.json, or a name a line. May be given again.",
)  # fmt: skip
@click.option("--bits", type=click.IntRange(0, 20), default=5, show_default=True, help="So far apart frames are alike.")
@click.option("--run", type=click.Path(path_type=Path), help="Also this run's scores without the shared videos.")
@click.option("--page", type=click.Path(path_type=Path), metavar="FILE", help="Write a page with the frames, too.")
@JSON
def overlap(
    path: Path, bench: Path, others: tuple[Path, ...], bits: int, run: Path | None, page: Path | None,
    json_path: str | None,
) -> None:  # fmt: skip
    """Find the videos and texts of SAMA-239K at PATH that are in SAMA-Bench, too.

    Videos are compared by their ids; by the digests of frame files; and by hashes of five frames each, which are alike
    for pictures that look alike: a person has to look at those pairs, on the page. Texts are compared by their words.

    Exit status: 0 nothing is in both for sure, 1 something is, 2 bad usage.
    """
    from sama_bench.counting_bar import counting
    from sama_bench.training_set.layout import samples_file
    from sama_bench.training_set.overlap import overlap as compare
    from sama_bench.training_set.overlap_page import write_overlap
    from sama_bench.training_set.scores_without import scores_without

    check_writable(None if page is None else str(page), "--page ")
    scores = _scores(run)
    with counting("comparing", "bytes", samples_file(path).stat().st_size) as advance:
        found = compare(path, bench, others, bits, advance)
    rows = [] if scores is None else scores_without(scores, found.without(certain=False))
    if page is not None:
        write_overlap(found, page, str(run), rows)
    content = {**found.to_json(), **({} if run is None else {"scores": [row.to_json() for row in rows]})}
    if not put(json_path, f"{json.dumps(content, indent=1)}\n".encode()):
        _tell_overlap(found, rows, page)
    if any(pair.is_certain for pair in found.pairs):
        raise click.exceptions.Exit(1)


def _scores(run: Path | None) -> Scores | None:
    if run is None:
        return None
    from sama_bench.api.runs import load_run

    return load_run(run).scores.kept


def _tell_overlap(found: Overlap, rows: Sequence[Row], page: Path | None) -> None:
    certain = sum(pair.is_certain for pair in found.pairs)
    for pair in found.pairs[:SHOWN]:
        click.echo(escape_controls(f"{pair.training} = {pair.benchmark}: {', '.join(pair.evidence)}"))
    if len(found.pairs) > SHOWN:
        click.echo(f"… and {len(found.pairs) - SHOWN} more (--json has them all)")
    for name, videos in found.other_names.items():
        click.echo(escape_controls(f"{name}: has the names of {len(videos)} of SAMA-Bench's videos"))
    for row in rows:
        left = "–" if row.left is None else f"{100 * row.left:.2f}"
        counts = f"{row.videos[1]} of {row.videos[0]} videos"
        click.echo(f"{row.task} {row.protocol} {row.metric}: {100 * row.all:.2f}, without {left} ({counts})")
    if any(found.unread):
        training, here = found.unread
        click.echo(
            f"no frame could be looked at of {training:,} training videos and {here:,} of the benchmark", err=True
        )
    click.echo(
        f"{found.videos[0]:,} training videos, {found.videos[1]:,} of the benchmark: {certain} are in both, "
        f"{len(found.pairs) - certain} pairs to look at; {found.text_count:,} pairs of texts are equal or nearly"
    )
    if page is not None:
        click.echo(page)
