"""Errors of a user, told in one line each and without a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from sama_bench.control_characters import escape_controls

SHOWN = 20
LONGEST, END = 1000, 300  # characters of a line, and of its end where its middle is left out
MOST = 10_000
Given = TypeVar("Given")
Made = TypeVar("Made")


class UserError(Exception):
    """Bad usage or bad input: the command prints `problems`, one line each, and exits with `status`.

    Collect all problems of a kind before raising, so that one run tells them all.
    """

    status = 2

    def __init__(self, problems: str | Iterable[str]) -> None:
        self.problems: Sequence[str] = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("; ".join(self.problems))

    def lines(self, most: int = SHOWN) -> list[str]:
        """The problems as single lines that no terminal obeys, at most `most`, then how many more there are.

        A longer line than `LONGEST` loses its middle: what a stranger's file holds may be of any length.
        """
        lines = [_line(problem) for problem in self.problems[:most]]
        hidden = len(self.problems) - len(lines)
        return [*lines, f"… and {hidden} more of the kind"] if hidden else lines


def _line(problem: str) -> str:
    line = " ".join(problem[:MOST].split())
    if len(line) > LONGEST:
        line = f"{line[: LONGEST - END]} … {' '.join(problem[-END:].split())}"
    return escape_controls(line)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with what is kept of the work and how it goes on."""

    def __init__(self, kept: str) -> None:
        super().__init__(kept)
        self.kept = kept


@contextmanager
def telling_what_is_kept(kept: Callable[[], str]) -> Iterator[None]:
    """Where Ctrl-C ends the block, `kept` says what there is of its work and how it goes on: raises Interrupted."""
    try:
        yield
    except Interrupted:
        raise
    except KeyboardInterrupt as interrupt:
        raise Interrupted(kept()) from interrupt


class MissingExtra(UserError):
    """Something optional is not installed; the message holds the pip line that brings it (`installation.pip_line`)."""

    def __init__(self, name: str, missing: Iterable[str], *pip: str) -> None:
        from sama_bench.installation import pip_line  # reads what is installed: only where something is missing

        super().__init__(f"{name} needs {', '.join(missing)} (not installed): {pip_line(*pip)}")


def each(make: Callable[[Given], Made], items: Iterable[Given]) -> list[Made]:
    """Call `make` for each of `items`; raises one UserError with the problems of all that it was raised for."""
    results: list[Made] = []
    problems: list[str] = []
    for item in items:
        try:
            results.append(make(item))
        except UserError as problem:
            problems += problem.problems
    if problems:
        raise UserError(problems)
    return results
