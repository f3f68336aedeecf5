"""The options of commands that ask an adapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from sama_bench.errors import UserError
from sama_bench.worker.adapter_spec import TIMEOUT

Command = TypeVar("Command", bound=Callable[..., Any])
OPTIONS = (
    click.option(
        "--model-arg",
        "model_args",
        multiple=True,
        metavar="K=V",
        help="An argument of the model (to list them: sama-bench models NAME); repeatable.",
    ),
    click.option(
        "--trust-remote-code",
        is_flag=True,
        help="Let code that comes with a checkpoint run here, with all that you may do: only for those you trust.",
    ),
    click.option("--python", metavar="PATH", help="Run the model with this Python, in its own environment."),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help=f"The longest that a question may take in a process of its own.  [default: {TIMEOUT:g}]",
    ),
)


def adapter_options(command: Command) -> Command:
    """Give a command the options that say how its adapter is made."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def pairs(texts: Sequence[str]) -> dict[str, str]:
    """The values of --model-arg; raises UserError with all that are no NAME=VALUE, or given twice."""
    arguments: dict[str, str] = {}
    problems = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            problems.append(f"--model-arg {text}: expected NAME=VALUE")
        elif name in arguments:
            problems.append(f"--model-arg {name}: given twice, as {arguments[name]!r} and {value!r}")
        arguments[name] = value
    if problems:
        raise UserError(problems)
    return arguments
