"""`sama-bench data`: frames of VidSTG from its videos, and SAMA-239K, the training data, looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.cli.json_file import check_writable, put
from sama_bench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sama_bench.video_frames.extraction import Outcome
    from sama_bench.video_frames.reading import Way

SHOWN = 20
JSON = click.option("--json", "json_path", metavar="OUT", help="Write the result as JSON to this file; - for stdout.")


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
    check_writable(json_path)
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

    from sama_bench.control_characters import escape_controls
    from sama_bench.video_frames.extraction import State

    differing = [outcome for outcome in outcomes if outcome.ways is not None and outcome.ways.differ]
    for outcome in differing[:SHOWN]:
        click.echo(escape_controls(f"{outcome.name}: {outcome.ways}"))
    if len(differing) > SHOWN:
        click.echo(f"… and {len(differing) - SHOWN} more (--json names them all)")
    states = [outcome.state for outcome in outcomes]
    counts = ", ".join(f"{states.count(state)} {state}" for state in get_args(State))
    click.echo(f"{len(outcomes)} videos: {counts}; seeking and reading in order differ in {len(differing)}")
