"""Boards as tables in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.leaderboard.board import Board
from sama_bench.leaderboard.cell import cell, heading, is_best, scope, unanswered
from sama_bench.task import Metric

LEFT = 28  # what the model's name and the borders may take of the width


def show(boards: Sequence[Board], console: Console) -> None:
    """Print each board with its scope and its signature; what is wider than the console goes on below."""
    for board in boards:
        console.print(Text(f"{board.title} ({scope(board)})", style="bold"))
        for columns in _fitting(board.columns, console.width - LEFT):
            console.print(_table(board, columns))
        for row in board.rows:
            if any(row.counts.values()):
                console.print(Text(f"{row.model}: {unanswered(row)}", style="yellow"))
        console.print(Text(board.signature, style="dim"), soft_wrap=True)
        console.print()


def _fitting(columns: Sequence[Metric], room: int) -> Iterator[list[Metric]]:
    """Cut columns into runs whose headings fit next to each other."""
    part: list[Metric] = []
    used = 0
    for metric in columns:
        width = len(heading(metric)) + 3
        if part and used + width > room:
            yield part
            part, used = [], 0
        part.append(metric)
        used += width
    if part:
        yield part


def _table(board: Board, columns: Sequence[Metric]) -> Table:
    table = Table()
    table.add_column("model", overflow="fold", max_width=LEFT - 4)
    for metric in columns:
        table.add_column(heading(metric), justify="right", no_wrap=True)
    for row in board.rows:
        cells = [Text(cell(row, m), style="bold" if is_best(board, row, m) else "") for m in columns]
        table.add_row(Text(row.model), *cells)
    return table
