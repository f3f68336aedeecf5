"""Boards in a terminal: every metric of every protocol, each board's notes below it, all signatures at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from sama_bench.leaderboard.board import Board
from sama_bench.leaderboard.cell import EMPTY, footnotes, name, remarks, scope, unanswered, visible
from sama_bench.leaderboard.summary import of_board
from sama_bench.leaderboard.summary_table import BEST, tables
from sama_bench.leaderboard.unlike import unlike

INTERVAL = "±"


def show(boards: Sequence[Board], console: Console) -> None:
    """Print each board with its scope: in a form that the console is wide enough for, in parts where none is."""
    for board in boards:
        console.print(Text(f"{board.title} ({scope(board)})", style="bold"))
        shows_intervals = False
        for table in tables(of_board(board), console):
            shows_intervals |= any(INTERVAL in str(cell) for column in table.columns for cell in column.cells)
            console.print(table)
        for text, style in _notes(board, boards, shows_intervals):
            console.print(Text(visible(text), style=style))
        console.print()
    for signature in dict.fromkeys(board.signature for board in boards if board.signature):
        console.print(Text(visible(signature), style="dim"), soft_wrap=True)


def _notes(board: Board, boards: Sequence[Board], shows_intervals: bool) -> Iterator[tuple[str, str]]:
    """The notes below a table, each line with its style."""
    for row in board.all_rows:
        if (open_counts := unanswered(row)) != EMPTY:
            yield f"{row.model}: {open_counts}", "yellow"
        yield from ((f"{name(row)}: {remark}", "") for remark in remarks(row))
    for note in footnotes(board, f"{INTERVAL}: half of the 95 % interval"):
        if shows_intervals or not note.startswith(INTERVAL):
            yield note.replace("bold: best", f"{BEST} best"), ""
    if differs := unlike(board, boards):
        yield differs, "yellow"
