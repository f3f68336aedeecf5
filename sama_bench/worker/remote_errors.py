"""Exceptions on their way from one process to the other."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from typing import Any

from sama_bench.errors import MissingExtra, UserError
from sama_bench.run.predictions import reason


class Elsewhere(Exception):
    """An exception of the other process; those that are raised have the name of the type that it had there."""


class _Traceback(Exception):
    """The traceback that an exception had in the other process, as its cause."""


def describe(problem: BaseException) -> dict[str, Any]:
    """What is to be known of an exception, as JSON's types."""
    if isinstance(problem, UserError):
        missing = isinstance(problem, MissingExtra)
        return {"problems": list(problem.problems), "status": problem.status, "missing": missing}
    named = type(problem).__name__
    trace = "".join(traceback.format_exception(problem))
    return {"type": named, "message": reason(problem)[len(named) + 2 :], "traceback": trace}


def rebuild(about: dict[str, Any]) -> Exception:
    """The exception that `describe` described: UserError and MissingExtra are again of their kind, others `Elsewhere`.

    `reason` says of it what it said in the other process. Never raises, whatever `about` holds.
    """
    if "problems" in about:
        problems = about["problems"] if isinstance(about["problems"], list) else [about["problems"]]
        return user_error(map(str, problems), missing=bool(about.get("missing")), status=about.get("status"))
    name = str(about.get("type", "")) or "Exception"
    try:
        kind = type(name, (Elsewhere,), {"__doc__": Elsewhere.__doc__})
    except ValueError:  # no name that a type can have
        kind = Elsewhere
    problem: Exception = kind(str(about.get("message", "")))
    problem.__cause__ = _Traceback(f"\n{about.get('traceback', '')}")
    return problem


def user_error(problems: Iterable[str], *, missing: bool = False, status: object = None) -> UserError:
    """A UserError, or MissingExtra whose lines are made already."""
    error = MissingExtra.__new__(MissingExtra) if missing else UserError.__new__(UserError)
    UserError.__init__(error, problems)
    if isinstance(status, int) and not isinstance(status, bool) and status in range(1, 126):
        error.status = status
    return error
