"""Boards as a Markdown page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sama_bench.leaderboard.board import Board, Row
from sama_bench.leaderboard.cell import cell, footnote, heading, is_best, name, scope, unanswered

SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#])")


def markdown(boards: Sequence[Board]) -> str:
    """A page with a table per board and its signature below; the best of a column is bold."""
    return "# Runs\n" + "".join(f"\n{_section(board)}" for board in boards)


def _section(board: Board) -> str:
    header = ["model", *(heading(metric) for metric in board.columns), "unanswered"]
    lines = [_line(escaped(one) for one in header), _line(["---", *["--:"] * len(board.columns), "---"])]
    lines += [_line(_cells(board, row)) for row in board.rows]
    table = "\n".join(lines)
    note = f"{footnote(board)}\n\n" if footnote(board) else ""
    return (
        f"## {board.title}\n\n{scope(board)}\n\n{table}\n\n{note}Signature: `{board.signature.replace('`', chr(39))}`\n"
    )


def _cells(board: Board, row: Row) -> list[str]:
    values = [f"**{cell(row, m)}**" if is_best(board, row, m) else cell(row, m) for m in board.columns]
    return [escaped(name(row)), *values, escaped(unanswered(row))]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """A stranger's text as Markdown that shows it as it is, on one line."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))
