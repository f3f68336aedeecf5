"""`sama-bench show`: a picture of a question and of what a run answered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.errors import UserError

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.picture import Asked
    from sama_bench.run.store import Store
    from sama_bench.types import Key, Video

NEAREST = 5


@click.command(
    short_help="Write a picture of a question and of what a run answered.",
    epilog="Example: sama-bench show g:17 runs/motion-demo --out 17.png",
)
@click.argument("question")
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option("--bench", help="Folder of the benchmark, or demo.  [default: the run's; without RUN demo]")
@click.option("--out", type=click.Path(path_type=Path), help="The file to write.  [default: QUESTION.png]")
@click.option("--frames", type=click.IntRange(1, 12), default=5, show_default=True, help="How many frames in a row.")
def show(question: str, run: Path | None, bench: str | None, out: Path | None, frames: int) -> None:
    """Write a PNG of QUESTION (such as g:17 or c:17): what is asked, what the model of RUN answered, and the truth.

    The first row shows what the model was shown, marks included where it was asked with marks, else the regions. In the
    others the masks have the colours of their phrases. Without RUN there are question and truth only.
    """
    path = out or Path(re.sub(r"[^\w.+-]+", "-", question) + ".png")
    if run is None:
        from sama_bench.benchmark import open_benchmark

        content = _painted(open_benchmark(bench or "demo"), question, None, frames)
    else:
        from sama_bench.run.store import Store

        with Store.open(run) as store:
            content = _painted(store.open_benchmark(bench), question, store, frames)
    _write(path, content)
    click.echo(str(path))


def _painted(benchmark: Benchmark, named: str, store: Store | None, frames: int) -> bytes:
    from sama_bench.picture import paint

    key = _key(named, benchmark)
    video = benchmark.where[key]
    question = next(one for one in benchmark.questions(video) if one.key == key)
    asked = None if store is None else _asked(store, question.video, key)
    return paint(question, benchmark.truths(video)[key], asked, frames)


def _asked(store: Store, video: Video, key: Key) -> Asked:
    from sama_bench.picture import Asked
    from sama_bench.run.predictions import fitting

    answers = {one: answer for one, answer in store.predictions(video.id).items() if one == key}
    return Asked(store.manifest, fitting(answers, video).get(key))


def _key(named: str, benchmark: Benchmark) -> Key:
    """The question of that name; raises UserError with the nearest names where there is none."""
    from difflib import get_close_matches

    keys = {str(key): key for key in benchmark.where}
    if named in keys:
        return keys[named]
    near = [name for name in keys if name.partition(":")[2] == named] or get_close_matches(named, keys, NEAREST, 0)
    raise UserError(f"{benchmark.name} has no question {named!r} (TASK:ID, as g:17); nearest: {', '.join(near)}")


def _write(path: Path, content: bytes) -> None:
    from sama_bench.cli.json_file import write

    write(path, content)
