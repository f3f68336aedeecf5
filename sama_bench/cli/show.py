"""`sama-bench show`: a picture of a question and of what a run answered."""

from __future__ import annotations

import re
from pathlib import Path

import click

from sama_bench.json_option import write


@click.command(
    short_help="Write a picture of a question and of what a run answered.",
    epilog="Example: sama-bench show g:17 runs/motion-demo --out 17.png",
)
@click.argument("question")
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option(
    "--bench",
    metavar="BENCH",
    help="Name of a benchmark, its folder, or NAME:FOLDER.  [default: the run's; without RUN demo]",
)
@click.option("--out", type=click.Path(path_type=Path), help="The file to write.  [default: QUESTION.png]")
@click.option("--frames", type=click.IntRange(1, 12), default=5, show_default=True, help="How many frames in a row.")
def show(question: str, run: Path | None, bench: str | None, out: Path | None, frames: int) -> None:
    """Write a PNG of QUESTION (such as g:17 or c:17): what is asked, what the model of RUN answered, and the truth.

    The first row shows what the model was shown, marks included where it was asked with marks, else the regions. In the
    others the masks have the colours of their phrases. Without RUN there are question and truth only.
    """
    path = out or Path(re.sub(r"[^\w.+-]+", "-", question) + ".png")
    write(path, _picture(question, run, bench, frames))
    click.echo(str(path))


def _picture(question: str, run: Path | None, bench: str | None, frames: int) -> bytes:
    if run is not None:
        from sama_bench.api.runs import load_run

        return load_run(run).png(question, frames, bench)
    from sama_bench.api.benchmarks import load_benchmark
    from sama_bench.api.pictures import png

    return png(load_benchmark(bench or "demo"), question, frames=frames)
