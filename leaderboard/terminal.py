"""Boards as tables in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.leaderboard.board import Board, Row
from sama_bench.leaderboard.cell import cell, footnote, half, heading, is_best, name, remarks, scope, unanswered
from sama_bench.task import Metric

NAME = 24  # the most of a model's name that stands on one line


def show(boards: Sequence[Board], console: Console) -> None:
    """Print each board with its scope and its signature; what is wider than the console goes on below."""
    for board in boards:
        console.print(Text(f"{board.title} ({scope(board)})", style="bold"))
        widest = min(max(len(name(row)) for row in board.rows), NAME)
        for columns in _fitting(board, console.width - widest - 1):
            console.print(_table(board, columns))
        for row in board.rows:
            if any(row.counts.values()):
                console.print(Text(f"{row.model}: {unanswered(row)}", style="yellow"))
            for remark in remarks(row):
                console.print(Text(f"{row.model}: {remark}"))
        if note := footnote(board, "±: half of the 95 % interval"):
            console.print(Text(note))
        console.print(Text(board.signature, style="dim"), soft_wrap=True)
        console.print()


def _heading(metric: Metric) -> str:
    """A column's heading, a word to a line, so that columns stay narrow."""
    words, arrow = heading(metric).rsplit(" ", 1)
    return "\n".join(words.split()) + f" {arrow}"


def _fitting(board: Board, room: int) -> Iterator[list[Metric]]:
    """Cut the columns into runs that fit next to each other."""
    part: list[Metric] = []
    used = 0
    for metric in board.columns:
        texts = [*_heading(metric).split("\n"), *(one(row, metric) for row in board.rows for one in (cell, half))]
        width = max(map(len, texts)) + 3  # with the blanks between columns
        if part and used + width > room:
            yield part
            part, used = [], 0
        part.append(metric)
        used += width
    if part:
        yield part


def _table(board: Board, columns: Sequence[Metric]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("model", overflow="fold", max_width=NAME, vertical="bottom")
    for metric in columns:
        table.add_column(_heading(metric), justify="right", no_wrap=True)
    for row in board.rows:
        model = Text(name(row) + ("\n" if row.intervals else ""))
        table.add_row(model, *(_value(board, row, metric) for metric in columns))
    return table


def _value(board: Board, row: Row, metric: Metric) -> Text:
    """The value with half of its interval below it, which keeps columns narrow."""
    value = Text(cell(row, metric), style="bold" if is_best(board, row, metric) else "")
    below = half(row, metric)
    return value.append(f"\n{below}", style="not bold dim") if below else value
