"""`sama-bench score`: score a run again, or answers that were made elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.errors import UserError

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.run.answers import Answers
    from sama_bench.score import Scores

STDOUT = "-"


@click.command(
    short_help="Score a run again, or answers made elsewhere.",
    epilog="Example: sama-bench score --bench data/sama_bench --predictions answers.jsonl --json scores.json",
)
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option("--bench", help="Folder of the benchmark, or demo.  [default: the run's; with --predictions demo]")
@click.option(
    "--predictions",
    type=click.Path(path_type=Path, allow_dash=False),
    metavar="FILE",
    help="JSON lines with task, question_id, text and tracks, in place of RUN.",
)
@click.option(
    "--task",
    type=click.Choice(["G", "C"], case_sensitive=False),
    help="Only this task (with --predictions).  [default: both]",
)
@click.option("--phrases", default="words", show_default=True, help="How phrases are compared.")
@click.option("--json", "json_path", metavar="OUT", help="Write the scores as JSON to this file; - for stdout.")
def score(
    run: Path | None, bench: str | None, predictions: Path | None, task: str | None, phrases: str, json_path: str | None
) -> None:
    """Score the answers of RUN, or those of a file, by the protocols paper and strict, and print the table.

    The scores of a run are also written to its scores.json. With --predictions all questions of the benchmark count:
    one without a line is missing.
    """
    if (run is None) == (predictions is None):
        raise UserError("expected either the folder of a run, or --predictions FILE (sama-bench score --help)")
    if run is not None and task is not None:
        raise UserError("--task goes with --predictions; a run is scored on the questions that it was asked")
    _check_writable(json_path)
    if predictions is not None:
        scores = _score_file(predictions, bench or "demo", task, phrases)
    else:
        assert run is not None
        scores = _score_run(run, bench, phrases)
    _show(scores, json_path)


def _score_run(run: Path, bench: str | None, phrases: str) -> Scores:
    from sama_bench.run.store import Store
    from sama_bench.score.phrases import find_similarity
    from sama_bench.score.scores import keep

    find_similarity(phrases)  # told before a benchmark is read for minutes
    with Store.open(run, write=True) as store:
        scores = _scored(store.open_benchmark(bench), store, phrases)
        keep(scores, store)
    return scores


def _score_file(path: Path, bench: str, task: str | None, phrases: str) -> Scores:
    from sama_bench.benchmark import open_benchmark
    from sama_bench.run.answers import PredictionFile
    from sama_bench.score.phrases import find_similarity
    from sama_bench.types import TASKS

    find_similarity(phrases)
    benchmark = open_benchmark(bench, tasks=[one for one in TASKS if task is None or one == task.lower()])
    return _scored(benchmark, PredictionFile(path, benchmark), phrases)


def _scored(benchmark: Benchmark, answers: Answers, phrases: str) -> Scores:
    from sama_bench.cli.bar import Bar
    from sama_bench.score.engine import score as score_answers

    with Bar("scoring") as bar:
        return score_answers(benchmark, answers, phrases=phrases, progress=bar)


def _check_writable(json_path: str | None) -> None:
    """Tell of a folder that does not exist before hours of scoring, not after."""
    if json_path not in {None, STDOUT}:
        folder = Path(str(json_path)).absolute().parent
        if not folder.is_dir():
            raise UserError(f"--json {json_path}: there is no folder {folder}; make it first")
        if Path(str(json_path)).is_dir():
            raise UserError(f"--json {json_path}: is a folder, expected the name of a file")


def _show(scores: Scores, json_path: str | None) -> None:
    from rich.console import Console

    from sama_bench.score.table import print_scores

    if json_path == STDOUT:
        click.echo(scores.dumps(), nl=False)
        return
    if json_path is not None:
        _write(Path(json_path), scores)
    print_scores(scores, Console())


def _write(path: Path, scores: Scores) -> None:
    from sama_bench.atomic import write_bytes

    try:
        write_bytes(path, scores.dumps())
    except OSError as problem:
        raise UserError(f"{path}: cannot be written ({problem.strerror or problem})") from problem
