"""Boards as a Markdown page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sama_bench.leaderboard.board import Board, Row
from sama_bench.leaderboard.cell import (
    OTHERS,
    ends,
    footnote,
    heading,
    marks,
    name,
    number,
    remarks,
    scope,
    unanswered,
    visible,
)
from sama_bench.leaderboard.unlike import unlike
from sama_bench.metric import Metric

SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#$]|&(?=#?\w+;))")
BEGINNING = re.compile(r"^(\d*)([-+=]|[.)])")  # of a list or a rule


def markdown(boards: Sequence[Board]) -> str:
    """A page with a table per board and its signature below; the best of a column is bold, the second underlined."""
    return "# Runs\n" + "".join(f"\n{_section(board, boards)}" for board in boards)


def _section(board: Board, boards: Sequence[Board]) -> str:
    differs = unlike(board, boards)
    notes = list(filter(None, [footnote(board, "[low, high]: 95 % interval")]))
    notes += [f"{name(row)}: {remark}" for row in board.all_rows for remark in remarks(row)]
    code = visible(board.signature).replace("`", "'")
    signature = f"Signature: `{code}`" if code else ""
    parts = [f"## {board.title}", scope(board), escaped(differs), _table(board), *map(escaped, notes), signature]
    return "\n\n".join(filter(None, parts)) + "\n"


def _table(board: Board) -> str:
    header = ["model", *(heading(metric) for metric in board.columns), "unanswered"]
    lines = [_line(escaped(cell) for cell in header), _line(["---", *["--:"] * len(board.columns), "---"])]
    lines += [_line(_cells(board, row)) for row in board.rows]
    if board.rows and board.reported:  # Markdown has no rule within a table
        lines.append(_line([f"*{escaped(OTHERS)}*", *[""] * len(board.columns), ""]))
    lines += [_line(_others(board, row)) for row in board.reported]
    return "\n".join(lines)


def _cells(board: Board, row: Row) -> list[str]:
    return [escaped(name(row)), *(_value(board, row, metric) for metric in board.columns), escaped(unanswered(row))]


def _others(board: Board, row: Row) -> list[str]:
    return [f"*{cell}*" for cell in (escaped(name(row)), *(number(row, metric) for metric in board.columns))] + [""]


def _value(board: Board, row: Row, metric: Metric) -> str:
    text = number(row, metric)
    text = {1: f"**{text}**", 2: f"<ins>{text}</ins>"}.get(board.standing(row, metric).place, text)
    return " ".join(filter(None, [text, *marks(board, row, metric), escaped(ends(row, metric))]))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """A stranger's text as Markdown that shows it as it is, on one line."""
    return BEGINNING.sub(r"\1\\\2", SPECIAL.sub(r"\\\1", visible(text)))
