"""`sama-bench score`: score a run again, or answers that were made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click

from sama_bench.cli.scoring_options import PHRASES, PROCESSES, SHOW_ALL
from sama_bench.errors import UserError, telling_what_is_kept
from sama_bench.json_option import json_option, put

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from sama_bench.api.scores import Scores


class ScoringOptions(TypedDict):
    """The options that say how answers are scored."""

    phrases: str | None
    phrase_model: Path | None
    breakdowns: bool
    processes: int | None


@click.command(
    short_help="Score a run again, or answers made elsewhere.",
    epilog="Example: sama-bench score --bench data/sama_bench --predictions answers.jsonl --json scores.json",
)
@click.argument("runs", metavar="[RUN]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--bench",
    metavar="BENCH",
    help="Name of a benchmark, its folder, or NAME:FOLDER.  [default: the run's; with --predictions demo]",
)
@click.option(
    "--predictions",
    type=click.Path(path_type=Path, allow_dash=False),
    metavar="PATH",
    help="In place of RUN: JSON lines, results.json, a folder or ZIP of PNG masks, or lmms-eval's rvos samples.",
)
@click.option("--task", metavar="TASK", help="Only this task, such as G or C (with --predictions).  [default: all]")
@PHRASES
@click.option(
    "--phrase-model",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The weights of the named one, or of bert.  [default: bert-base-uncased, all-MiniLM-L6-v2]",
)
@click.option("--breakdowns", is_flag=True, help="Also by source, objects, their size, length and visibility.")
@PROCESSES
@SHOW_ALL
@json_option("the scores")
def score(
    runs: tuple[Path, ...],
    bench: str | None,
    predictions: Path | None,
    task: str | None,
    show_all: bool,
    json_path: str | None,
    **how: Unpack[ScoringOptions],
) -> None:
    """Score the answers of RUN, or those of a file, by the protocols of its tasks, and print the headline numbers.

    The scores of a run are also written to its scores.json. Several runs are scored at once, by all cores; their JSON
    is then an object with the scores of each by its folder. With --predictions all questions of the benchmark, or of
    the task, count: one without a line is missing. Lines of the other task are left aside.

    --predictions takes JSON lines, as sama-bench export writes them. Where answers are masks of expressions it takes
    also VIDEO/EXPRESSION/FRAME.png in a folder or a ZIP (also below Annotations/; values 0 and 255, or 0 and 1),
    Sa2VA's results.json, and for RefCOCO {SENTENCE: RLE or null} in files that are named after their sets.
    """
    if (not runs) == (predictions is None):
        raise UserError("expected either the folders of runs, or --predictions PATH (sama-bench score --help)")
    if runs and task is not None:
        raise UserError("--task goes with --predictions; a run is scored on the questions that it was asked")
    with telling_what_is_kept(lambda: _kept(runs)):
        _score_and_show(runs, bench, predictions, task, how, json_path, show_all=show_all)


def _kept(runs: Sequence[Path]) -> str:
    if len(runs) > 1:
        return "runs that were done have their new scores, the others those of before; give the same command again"
    return f"{runs[0]} has the scores of before; give the same command again" if runs else "nothing was written"


def _score_and_show(
    runs: tuple[Path, ...],
    bench: str | None,
    predictions: Path | None,
    task: str | None,
    how: ScoringOptions,
    json_path: str | None,
    *,
    show_all: bool,
) -> None:
    if len(set(runs)) > 1:
        _show_many(runs, bench, how, json_path, show_all=show_all)
    else:
        run = runs[0] if runs else None
        _show(_score(run, bench, predictions, task, how), json_path, run, show_all=show_all)


def _show_many(
    runs: tuple[Path, ...], bench: str | None, how: ScoringOptions, json_path: str | None, *, show_all: bool
) -> None:
    from sama_bench.api.rescoring import score_runs
    from sama_bench.files.json_files import as_json

    by_run = score_runs(runs, bench, **how, tell=partial(click.echo, err=True))
    if put(json_path, as_json({str(run): scores.kept.to_json() for run, scores in by_run.items()}, indent=1)):
        return
    for run, scores in by_run.items():
        click.echo(f"\n{run}")
        _show(scores, None, run, show_all=show_all)


def _score(
    run: Path | None, bench: str | None, predictions: Path | None, task: str | None, how: ScoringOptions
) -> Scores:
    tell = partial(click.echo, err=True)
    if run is not None:
        from sama_bench.api.runs import load_run

        return load_run(run).score(bench, **how, tell=tell)
    from sama_bench.api.scoring import score as score_answers

    assert predictions is not None
    return score_answers(bench or "demo", predictions, tasks=task, **how, tell=tell)


def _show(scores: Scores, json_path: str | None, run: Path | None, *, show_all: bool) -> None:
    from sama_bench.console import Console
    from sama_bench.score.breakdown_table import print_breakdowns
    from sama_bench.score.scores_shown import show_scores

    if put(json_path, scores.dumps()):
        return
    show_scores(scores.kept, show_all=show_all, run=run)
    print_breakdowns(scores.kept.breakdowns, Console())
