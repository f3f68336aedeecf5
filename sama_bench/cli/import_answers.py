"""`sama-bench import`: make a run of answers that were made elsewhere."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click

from sama_bench.cli.adapter_options import pairs
from sama_bench.cli.scoring_options import PHRASES, SHOW_ALL
from sama_bench.errors import telling_what_is_kept
from sama_bench.json_option import json_option, put

if TYPE_CHECKING:
    from typing_extensions import Unpack


class What(TypedDict):
    """The options that say whose answers to which questions go where."""

    bench: str
    out: Path | None
    name: str
    videos: str | None
    limit: int | None


@click.command(
    "import",
    short_help="Make a run of answers made elsewhere.",
    epilog="Example: sama-bench import answers.jsonl --bench data/sama_bench --model-name MyModel --out runs/mine",
)
@click.argument("answers", type=click.Path(path_type=Path))
@click.option("--bench", metavar="BENCH", default="demo", show_default=True, help="Name, folder, or NAME:FOLDER.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run.  [default: runs/NAME-BENCH[-TASK]]")
@click.option("--model-name", "name", required=True, metavar="NAME", help="Who answered.")
@click.option(
    "--model-arg", "model_args", multiple=True, metavar="KEY=VALUE",
    help="What else is to be known of the model, such as checkpoint=…; repeatable.",
)  # fmt: skip
@click.option("--task", metavar="TASK", help="Only this task, such as G or C.  [default: all]")
@click.option("--videos", metavar="GLOB", help="Only videos whose id, or its last part, matches, e.g. '*00*'.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N questions of each task.")
@PHRASES
@SHOW_ALL
@json_option("the scores")
def import_answers(
    answers: Path,
    model_args: tuple[str, ...],
    task: str | None,
    phrases: str | None,
    show_all: bool,
    json_path: str | None,
    **what: Unpack[What],
) -> None:
    """Make a run of the file ANSWERS, score it, and print the headline numbers: judge, show, report, … then take it.

    ANSWERS is what `sama-bench score --predictions` takes: JSON lines as `sama-bench export` writes them; where answers
    are masks of expressions also pictures in a folder or a ZIP, or one JSON file of masks. Questions without an answer
    are missing. The manifest says that the run is imported, and so does the signature of its numbers. The run is there
    whole or not at all; killed while it was scored, the same command goes on.
    """
    from sama_bench.api.imports import import_answers as made
    from sama_bench.run.store import SCORES
    from sama_bench.score.scores_shown import show_scores

    tell = partial(click.echo, err=True)
    with telling_what_is_kept(lambda: "no run was made; give the same command again"):
        run = made(answers, **what, model_args=pairs(model_args), tasks=task, tell=tell)
    with telling_what_is_kept(lambda: f"{run.path} has the answers, not scored yet; give the same command again"):
        scores = run.score(phrases=phrases, tell=tell)
    if put(json_path, scores.dumps()):
        return
    show_scores(scores.kept, show_all=show_all, run=run.path)
    click.echo(f"run: {run.path}\nscores: {run.path / SCORES}")
