"""`sama-bench run`: predict, store, score, show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sama_bench.cli.adapter_options import adapter_options, pairs
from sama_bench.cli.judge_messages import echo_error, exit_status
from sama_bench.cli.scoring_options import PHRASES, SHOW_ALL
from sama_bench.errors import UserError
from sama_bench.json_option import STDOUT, json_option, put

if TYPE_CHECKING:
    from sama_bench.api.runs import Run
    from sama_bench.benchmark import Benchmark
    from sama_bench.run.store import Store


@click.command(
    short_help="Ask a model the questions, store its answers, score them.",
    epilog="Example: sama-bench run --model motion --bench data/sama_bench --task G --limit 20",
)
@click.option(
    "--model",
    "models",
    required=True,
    multiple=True,
    help="The adapter to ask (sama-bench models lists them); repeatable: each is asked into a folder of its own.",
)
@click.option(
    "--name",
    "run_name",
    metavar="NAME",
    help="What tables call the run.  [default: the model, and what parts it from others]",
)
@click.option(
    "--bench",
    metavar="BENCH",
    default="demo",
    show_default=True,
    help="Name of a benchmark, its folder, or NAME:FOLDER (sama-bench bench list).",
)
@click.option("--task", metavar="TASK", help="Only this task, such as G or C.  [default: all]")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N questions of each task.")
@click.option("--videos", metavar="GLOB", help="Only videos whose id, or its last part, matches, e.g. '*00*'.")
@click.option("--shard", metavar="I/N", help="Only part I of N of these: whole videos (sama-bench merge joins them).")
@adapter_options
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Run the model in N processes.")
@click.option(
    "--devices",
    metavar="LIST",
    help="Spread them over cuda:0,cuda:1,… or auto (all that are seen).  [with it --workers: one each]",
)
@click.option("--ray", metavar="ADDRESS", help="Run the workers on a Ray cluster: local, auto, or HOST:PORT.")
@click.option(
    "--gpus-per-worker",
    type=click.FloatRange(min=0),
    metavar="N",
    help="GPUs of each worker on the cluster.  [default: 1 where it has any]",
)
@click.option("--budget", metavar="USD", help="What may be spent; the run then stops, and can go on.")
@click.option(
    "--prompt",
    metavar="NAME|FILE",
    help="Ask for expressions in the words of sama, sa2va, lisa, …  [default: the model's own, else the benchmark's]",
)
@click.option(
    "--history",
    type=click.Choice(["none", "true", "own"]),
    default="none",
    show_default=True,
    help="Show a dialogue's earlier rounds, with the true answers or the model's own (sama-bench dialogue).",
)
@click.option("--window", metavar="N|all", help="So many of them.  [default: 3]")
@click.option("--history-seed", type=int, metavar="N", help="Shuffle the rounds of each video.")
@click.option("--masks-back", is_flag=True, help="Show the masks of earlier answers, too.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run.  [default: runs/MODEL-BENCH[-TASK]]")
@SHOW_ALL
@json_option("the scores (of several models: by their runs' folders)")
@click.option("--retry-errors", is_flag=True, help="Ask the questions again that ended in an error.")
@click.option("--max-errors", type=click.IntRange(min=1), metavar="N", help="Stop after N errors of one kind in a row.")
@click.option("--judge", metavar="MODEL", help="Let this model judge the answers, too (sama-bench judge RUN has more).")
@click.option(
    "--log",
    "log",
    multiple=True,
    metavar="NAME[:ARG]",
    help="Log the scores to wandb[:PROJECT], mlflow[:URI], tensorboard[:FOLDER], …; repeatable.  [default: nowhere]",
)
@PHRASES
@click.option(
    "--phrase-model",
    metavar="FOLDER",
    help="The weights of the named one, or of bert.  [default: bert-base-uncased, all-MiniLM-L6-v2]",
)
@click.pass_context
def run(
    ctx: click.Context,
    /,
    models: Sequence[str],
    model_args: Sequence[str],
    task: str | None,
    judge: str | None,
    log: Sequence[str],
    show_all: bool,
    json_path: str | None,
    **options: Any,  # noqa: ANN401 - click's
) -> None:
    """Ask a model the questions of a benchmark, store its answers, score them and print the headline numbers.

    Stopped or killed, the same command goes on where it stood. An error of the model is stored as the answer of that
    question; the exit status is then 1. What the model prints goes to worker.log in the run's folder.
    """
    from sama_bench.loggers.logger import loggers_of

    loggers = loggers_of(log)  # what is not there is told before anything is asked
    _check_models(models, options)
    shown = json_path is None or json_path != STDOUT
    runs: list[Run] = []
    status = 0
    for model in models:
        judging = RunJudge(judge) if judge else None
        result = _evaluated(model, {**options, "model_args": pairs(model_args), "tasks": task}, judging)
        runs.append(result)
        if shown and len(models) == 1:
            _show(result, show_all)
        if loggers:
            from sama_bench.api.logs import log_run

            log_run(result, loggers, echo_error)
        if judging is not None and judging.problem is not None:
            raise judging.problem
        status = max(status, judging.status if judging is not None else 0, _tell_errors(result))
    _put(runs, json_path)
    if shown and len(runs) > 1:
        _show_several(runs, show_all=show_all)
    ctx.exit(status)


def _check_models(models: Sequence[str], options: Mapping[str, Any]) -> None:
    """Raise UserError for what would else be told when the first of several models was asked for hours."""
    from sama_bench.errors import each
    from sama_bench.run.registry import adapter_class

    problems = [f"--model {model}: given twice" for model, count in Counter(models).items() if count > 1]
    if len(models) > 1:
        several = f"{len(models)} models, each of which has a run of its own"
        problems += [
            f"{option} {options[name]}: there are {several}: leave it out"
            for name, option in (("out", "--out"), ("run_name", "--name"))
            if options[name] is not None
        ]
    if problems:
        raise UserError(problems)
    if len(models) > 1 and options["python"] is None:
        each(adapter_class, models)


def _evaluated(model: str, options: Mapping[str, Any], judging: RunJudge | None) -> Run:
    from sama_bench.api.evaluation import evaluate
    from sama_bench.run import model_output

    return evaluate(model, **options, judge=judging, tell=model_output.tell)


class RunJudge:
    """The judge of `--judge`. Where it cannot go on, what there is is scored and shown before its problem is told."""

    def __init__(self, model: str) -> None:
        from sama_bench.judge.judge_run import Judge

        self.name = model
        self.status = 0
        self.problem: UserError | None = None
        self._judge = Judge.usual(model, echo_error)

    def judge(self, store: Store, benchmark: Benchmark) -> None:
        """Put the verdicts into the run, and keep what has to be told at the end."""
        try:
            self.status = exit_status(self._judge.on(store, benchmark))
        except UserError as problem:
            self.problem = problem


def _show(run: Run, show_all: bool) -> None:
    from sama_bench.run.store import SCORES
    from sama_bench.score.scores_shown import show_scores

    show_scores(run.scores.kept, show_all=show_all, run=run.path)
    click.echo(f"run: {run.path}\nscores: {run.path / SCORES}")


def _show_several(runs: Sequence[Run], *, show_all: bool) -> None:
    """One table of all runs, as `sama-bench report` prints it."""
    from sama_bench.console import Console
    from sama_bench.leaderboard.board import boards
    from sama_bench.leaderboard.load import load_all
    from sama_bench.leaderboard.summary import summaries
    from sama_bench.leaderboard.summary_table import print_summaries
    from sama_bench.leaderboard.terminal import show

    all_boards = boards(load_all([run.path for run in runs])[0])
    if show_all:
        show(all_boards, Console())
    else:
        print_summaries(summaries(all_boards), all_boards, Console(), "scores.json of each")
    click.echo("runs: " + " ".join(str(run.path) for run in runs))


def _put(runs: Sequence[Run], json_path: str | None) -> None:
    if json_path is None:
        return
    if len(runs) == 1:
        put(json_path, runs[0].scores.dumps())
        return
    from sama_bench.files.json_files import as_json

    put(json_path, as_json({str(run.path): run.scores.kept.to_json() for run in runs}, indent=1))


def _tell_errors(run: Run) -> int:
    errors = run.errors()
    if not errors:
        return 0
    key, reason = next(iter(errors.items()))
    place = run.error_place(key)
    click.echo(
        f"{len(errors)} of {run.asked} questions ended in an error, the first ({key}): "
        f"{' '.join(reason.split())}{f' ({place})' if place else ''}; "
        f"all of them: sama-bench errors {run.path}; to ask them again: --retry-errors",
        err=True,
    )
    return 1
