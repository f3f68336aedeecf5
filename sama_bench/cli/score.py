"""`sama-bench score`: score a run again, or answers that were made elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.cli.json_file import check_writable, put
from sama_bench.errors import UserError

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.run.answers import Answers
    from sama_bench.score import Scores
    from sama_bench.score.choice import Choices


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
    help="JSON lines with task, question_id, text and tracks, as export writes them, in place of RUN.",
)
@click.option(
    "--task",
    type=click.Choice(["G", "C"], case_sensitive=False),
    help="Only this task (with --predictions).  [default: both]",
)
@click.option(
    "--phrases", metavar="NAME", help="How phrases are compared: words, exact, …  [default: paper bert, strict minilm]"
)
@click.option(
    "--phrase-model",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The weights of the named one, or of bert.  [default: bert-base-uncased, all-MiniLM-L6-v2]",
)
@click.option("--breakdowns", is_flag=True, help="Also by source, objects, their size, length and visibility.")
@click.option(
    "--processes", type=click.IntRange(1), metavar="N", help="Processes that compare masks.  [default: one a core]"
)
@click.option("--json", "json_path", metavar="OUT", help="Write the scores as JSON to this file; - for stdout.")
def score(  # noqa: PLR0913, PLR0917 - an argument for each option
    run: Path | None,
    bench: str | None,
    predictions: Path | None,
    task: str | None,
    phrases: str | None,
    phrase_model: Path | None,
    breakdowns: bool,
    processes: int | None,
    json_path: str | None,
) -> None:
    """Score the answers of RUN, or those of a file, by the protocols paper and strict, and print the table.

    The scores of a run are also written to its scores.json. With --predictions all questions of the benchmark, or of
    the task, count: one without a line is missing. Lines of the other task are left aside.
    """
    from sama_bench.score.choice import choose

    if (run is None) == (predictions is None):
        raise UserError("expected either the folder of a run, or --predictions FILE (sama-bench score --help)")
    if run is not None and task is not None:
        raise UserError("--task goes with --predictions; a run is scored on the questions that it was asked")
    check_writable(json_path)
    choices = choose(phrases, phrase_model)  # told before a benchmark is read for minutes
    if predictions is not None:
        scores = _score_file(predictions, bench or "demo", task, choices, breakdowns, processes)
    else:
        assert run is not None
        scores = _score_run(run, bench, choices, breakdowns, processes)
    _show(scores, json_path)


def _score_run(run: Path, bench: str | None, phrases: Choices, breakdowns: bool, processes: int | None) -> Scores:
    from sama_bench.run.store import Store
    from sama_bench.score.scores import keep

    with Store.open(run, write=True) as store:
        benchmark = store.open_benchmark(bench)
        tell_misfits(benchmark)
        scores = _scored(benchmark, store, phrases, breakdowns, processes)
        keep(scores, store)
    return scores


def _score_file(
    path: Path, bench: str, task: str | None, phrases: Choices, breakdowns: bool, processes: int | None
) -> Scores:
    from sama_bench.benchmark import open_benchmark
    from sama_bench.run.answers import PredictionFile
    from sama_bench.types import TASKS

    benchmark = open_benchmark(bench, tasks=[one for one in TASKS if task is None or one == task.lower()])
    answers = PredictionFile(path, benchmark)
    tell_misfits(benchmark)
    if answers.aside:
        click.echo(f"{path}: {answers.aside} answers to questions of the other task are not scored", err=True)
    return _scored(benchmark, answers, phrases, breakdowns, processes)


def tell_misfits(benchmark: Benchmark) -> None:
    """Say on stderr where true tracks do not fit their videos: they are scored as they are."""
    misfits = benchmark.misfits()
    if misfits:
        click.echo(
            f"warning: true masks do not fit their videos, so that scores with them mean little ({len(misfits)} "
            f"problems, the first: {misfits[0]}); to see all: sama-bench bench check {benchmark.root}",
            err=True,
        )


def _scored(
    benchmark: Benchmark, answers: Answers, phrases: Choices, breakdowns: bool, processes: int | None
) -> Scores:
    from sama_bench.cli.bar import Bar
    from sama_bench.score.engine import score as score_answers

    with Bar("scoring") as bar:
        scores = score_answers(benchmark, answers, phrases=phrases, progress=bar, processes=processes)
    return _broken_down(scores) if breakdowns else scores


def _broken_down(scores: Scores) -> Scores:
    from dataclasses import replace

    from sama_bench.cache import cache_folder
    from sama_bench.metrics.java import Java, JavaError
    from sama_bench.score.breakdowns import breakdowns

    cannot = {
        (protocol, task): block.get("cannot", ())
        for protocol, tasks in scores.protocols.items()
        for task, block in tasks.items()
    }
    try:
        with Java(cache=cache_folder()) as java:
            return replace(scores, breakdowns=breakdowns(scores.statistics, java.meteor, cannot))
    except JavaError as problem:
        raise UserError(str(problem)) from problem


def _show(scores: Scores, json_path: str | None) -> None:
    from sama_bench.cli.screen import Console
    from sama_bench.score.breakdown_table import print_breakdowns
    from sama_bench.score.table import print_scores

    if put(json_path, scores.dumps()):
        return
    print_scores(scores, Console())
    print_breakdowns(scores.breakdowns, Console())
