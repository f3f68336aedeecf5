"""A stranger's words in a message: on one line, short, and without anything that a terminal would obey."""

from __future__ import annotations

from collections.abc import Iterable

from sama_bench.errors import UserError

LONGEST = 80
LINE = 400


def shown(text: str, longest: int = LONGEST) -> str:
    """The text with what has no glyph written as its code, cut to `longest` characters."""
    from sama_bench.leaderboard.cell import visible

    line = visible(text[: longest + 1])
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def about(path: object, problems: Iterable[str]) -> UserError:
    """The problems of one file, each with its name before it."""
    return UserError(f"{path}: {shown(problem, LINE)}" for problem in problems)
