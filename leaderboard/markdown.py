"""Boards as a Markdown page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sama_bench.leaderboard.board import Board, Row
from sama_bench.leaderboard.cell import cell, ends, footnote, heading, is_best, name, remarks, scope, unanswered
from sama_bench.task import Metric

SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#])")


def markdown(boards: Sequence[Board]) -> str:
    """A page with a table per board and its signature below; the best of a column is bold."""
    return "# Runs\n" + "".join(f"\n{_section(board)}" for board in boards)


def _section(board: Board) -> str:
    header = ["model", *(heading(metric) for metric in board.columns), "unanswered"]
    lines = [_line(escaped(one) for one in header), _line(["---", *["--:"] * len(board.columns), "---"])]
    lines += [_line(_cells(board, row)) for row in board.rows]
    table = "\n".join(lines)
    note = footnote(board, "[low, high]: 95 % interval")
    notes = [note] if note else []
    notes += [f"{row.model}: {remark}" for row in board.rows for remark in remarks(row)]
    below = "".join(f"{escaped(one)}\n\n" for one in notes)
    signature = board.signature.replace("`", "'")
    return f"## {board.title}\n\n{scope(board)}\n\n{table}\n\n{below}Signature: `{signature}`\n"


def _cells(board: Board, row: Row) -> list[str]:
    return [escaped(name(row)), *(_value(board, row, metric) for metric in board.columns), escaped(unanswered(row))]


def _value(board: Board, row: Row, metric: Metric) -> str:
    value = f"**{cell(row, metric)}**" if is_best(board, row, metric) else cell(row, metric)
    return " ".join(filter(None, [value, escaped(ends(row, metric))]))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """A stranger's text as Markdown that shows it as it is, on one line."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))
