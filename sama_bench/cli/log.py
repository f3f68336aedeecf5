"""`sama-bench log`: take scored runs to a tracker of experiments."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click


@click.command(
    short_help="Log scored runs to W&B, MLflow, TensorBoard, or a plug-in's logger.",
    epilog="Example: sama-bench log runs/motion-demo --to tensorboard:logs",
)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--to",
    "to",
    multiple=True,
    required=True,
    metavar="NAME[:ARGUMENT]",
    help="wandb[:PROJECT], mlflow[:URI], tensorboard[:FOLDER], or another that is installed; repeatable.",
)
def log(runs: tuple[Path, ...], to: tuple[str, ...]) -> None:
    """Take the scores of RUN, their signatures, and the tables of scores and questions to a logger.

    Only this command and `run --log` send anything anywhere.
    """
    from sama_bench.api.logs import log_run
    from sama_bench.api.runs import load_run
    from sama_bench.errors import each
    from sama_bench.loggers.logger import loggers_of

    loggers = loggers_of(to)
    opened = each(load_run, list(dict.fromkeys(runs)))
    each(partial(log_run, loggers=loggers, tell=partial(click.echo, err=True)), opened)
