"""`sama-bench export`: the answers of a run, the values of its questions, or its numbers in others' forms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.errors import UserError
from sama_bench.files.json_files import encoded
from sama_bench.json_option import check_writable, write

if TYPE_CHECKING:
    from sama_bench.api.runs import Run

HUGGING_FACE, EVERY_EVAL_EVER = "hf-eval-results", "every-eval-ever"


@click.command(
    short_help="Write a run's answers, the values of its questions, or its numbers.",
    epilog="Example: sama-bench export runs/motion-demo --scores motion.csv",
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The file to write.  [default: standard output]")
@click.option(
    "--scores", type=click.Path(path_type=Path), metavar="FILE", help="Each question's values: .csv, .parquet."
)
@click.option("--long", is_flag=True, help="With --scores: a row for each value, not for each question.")
@click.option(
    "--as", "form", type=click.Choice([HUGGING_FACE, EVERY_EVAL_EVER]), help="The numbers, in a form of others."
)
@click.option("--dataset", metavar="ID", help="With --as: the benchmark's data set on the hub, as ORGANIZATION/NAME.")
@click.option("--source", metavar="URL", help="With --as hf-eval-results: where the run can be looked at.")
@click.option("--organization", metavar="NAME", help="With --as every-eval-ever: who evaluated.")
@click.option(
    "--relationship",
    type=click.Choice(["first_party", "third_party", "collaborative", "other"]),
    default="other",
    show_default=True,
    help="With --as every-eval-ever: how they stand to the model's makers.",
)
def export(
    run: Path, out: Path | None, scores: Path | None, *, long: bool, form: str | None, **about: str | None
) -> None:
    """Write the answers of RUN as JSON lines, in the order of the benchmark.

    The form is that of `sama-bench score --predictions`, which gives the same scores for it: task, question_id, text
    and tracks, and beside them video and seconds; a question that ended in an error has error in the place of text.
    Where the model gave boxes, they are there too (frame, x0, y0, x1, y1); where a text was read out of what it
    said, raw is that, and unread what could not be read; usage is what its prompt took. `sama-bench import` makes a
    run of such lines.

    --scores writes the values of single questions by every protocol, as pandas reads them. --as writes the means: as
    Hugging Face's .eval_results/NAME.yaml (headline metrics, in percent), or as Every Eval Ever's JSON (all metrics).
    """
    from sama_bench.api.runs import load_run

    if scores is not None and (form is not None or out is not None):
        raise UserError("--scores names its own file: leave out --out and --as")
    if long and scores is None:
        raise UserError("--long goes with --scores")
    if out is not None:
        _make_folder_of(out)
    if scores is not None:
        from sama_bench.api.exports import question_file

        check_writable(str(scores), "--scores ")
        write(scores, question_file(load_run(run), scores, long=long))
    elif form is not None:
        _put(out, _numbers(load_run(run), form, **about))
    else:
        _put_answers(load_run(run), out)


def _numbers(
    run: Run, form: str, dataset: str | None, source: str | None, organization: str | None, relationship: str | None
) -> bytes:
    from sama_bench.api.exports import scored_run

    if form == HUGGING_FACE:
        from sama_bench.result_formats.hugging_face import eval_results

        if not dataset or dataset.count("/") != 1:
            raise UserError(
                f"--as {form}: expected --dataset ORGANIZATION/NAME, a data set that is a benchmark on the hub"
            )
        return eval_results(scored_run(run), dataset, source)
    from sama_bench.result_formats.every_eval_ever import Evaluator, every_eval_ever

    if not organization:
        raise UserError(f"--as {form}: expected --organization NAME: who evaluated")
    return every_eval_ever(scored_run(run), Evaluator(organization, relationship or "other"), dataset)


def _make_folder_of(file: Path) -> None:
    """Make the folder of a file, as .eval_results, which no repository has before its first results."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UserError(f"{file}: cannot be written ({problem.strerror or problem})") from problem


def _put(out: Path | None, content: bytes) -> None:
    if out is None:
        click.echo(content, nl=False)
    else:
        write(out, content)


def _put_answers(run: Run, out: Path | None) -> None:
    from sama_bench.files.atomic import replacing

    lines = run.lines()
    if out is None:
        for line in lines:
            click.echo(encoded(f"{line}\n"), nl=False)  # UTF-8, whatever the terminal has
        return
    try:
        with replacing(out) as file:
            for line in lines:
                file.write(encoded(f"{line}\n"))
    except OSError as problem:
        raise UserError(f"{out}: cannot be written ({problem.strerror or problem})") from problem
