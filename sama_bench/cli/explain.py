"""`sama-bench explain`: one set of answers under every convention, and what parts them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from sama_bench.cli.scoring_options import PHRASES, PROCESSES
from sama_bench.errors import UserError
from sama_bench.json_option import check_writable, json_option, put


@click.command(
    short_help="Say why the numbers of two papers differ.",
    epilog="Example: sama-bench explain --bench davis17:data/davis17 --predictions Annotations --json explained.json",
)
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option("--bench", metavar="BENCH", help="Name of a benchmark, its folder, or NAME:FOLDER.  [default: the run's]")
@click.option(
    "--predictions",
    type=click.Path(path_type=Path, allow_dash=False),
    metavar="PATH",
    help="In place of RUN: what sama-bench score --predictions takes.",
)
@click.option("--task", metavar="TASK", help="Only this task (with --predictions).  [default: all]")
@PHRASES
@PROCESSES
@json_option("all of it")
def explain(
    run: Path | None,
    bench: str | None,
    predictions: Path | None,
    task: str | None,
    phrases: str | None,
    processes: int | None,
    json_path: str | None,
) -> None:
    """Show the answers of RUN, or of --predictions, under every released convention and the strict one, side by side.

    Then, for each two that differ, go from one to the other by single changes: what each is, what it does to each
    metric, and which questions cause it (how many, the first of them; all with --json). For SAMA-Bench that way leads
    from paper to strict, defect by defect. Nothing is written to RUN.
    """
    if (run is None) == (predictions is None):
        raise UserError("expected either the folder of a run, or --predictions PATH (sama-bench explain --help)")
    if run is not None and task is not None:
        raise UserError("--task goes with --predictions; a run is explained on the questions that it was asked")
    if run is not None and not (run / "manifest.json").is_file():
        raise UserError(f"{run}: is not a run (no manifest.json); other answers go with --predictions")
    check_writable(json_path)
    from sama_bench.api.explanations import explain as explained
    from sama_bench.benchmark.installed import load_task
    from sama_bench.console import Console
    from sama_bench.files.json_files import as_json
    from sama_bench.score.explain_table import print_explained

    answers = run or predictions
    assert answers is not None
    tell = partial(click.echo, err=True)
    explanations = explained(answers, bench, tasks=task, phrases=phrases, processes=processes, tell=tell)
    if not explanations:
        raise UserError(f"{answers}: no task has its truth here, so there is no number to explain")
    if not put(
        json_path, as_json({"tasks": {explanation.task: explanation.to_json() for explanation in explanations}})
    ):
        print_explained(explanations, [load_task(explanation.task).alias for explanation in explanations], Console())
