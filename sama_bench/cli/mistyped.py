"""What may have been meant by a mistyped command or value of an option, where click itself does not say so."""

from __future__ import annotations

import re

import click

from sama_bench.suggestions import nearest

COMMAND = re.compile(r"No such command ['\"](.*?)['\"]")
VALUE = re.compile(r"^['\"](.*)['\"] is not one of ")
SAID = "did you mean"


def with_suggestion(problem: click.ClickException) -> None:
    """Put what may have been meant at the end of the message."""
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    if context is None or SAID in problem.message.lower():
        return
    hint = ""
    if isinstance(problem, click.BadParameter):
        value = VALUE.match(problem.message)
        kind = None if problem.param is None else problem.param.type
        if value and isinstance(kind, click.Choice):
            hint = nearest(value[1], map(str, kind.choices))
    elif (name := COMMAND.search(problem.message)) and isinstance(context.command, click.Group):
        hint = nearest(name[1], context.command.list_commands(context))
    if hint:
        vars(problem)["message"] = f"{problem.message.rstrip('.')}{hint}"
