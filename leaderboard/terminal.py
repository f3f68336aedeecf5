"""Boards as tables in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.console import print_table
from sama_bench.leaderboard.board import Board, Row
from sama_bench.leaderboard.cell import (
    EMPTY,
    cell,
    footnotes,
    half,
    name,
    remarks,
    scope,
    stacked,
    unanswered,
    visible,
)
from sama_bench.leaderboard.parts import fitting
from sama_bench.leaderboard.unlike import unlike
from sama_bench.metric import Metric

NAME = 24  # the most of a model's name that stands on one line
# As rich's SIMPLE_HEAD, with a rule between the measured rows and those that others reported.
RULED = box.Box("    \n    \n ── \n    \n ── \n    \n    \n    \n")
STYLES = {1: "bold", 2: "underline"}  # by place


def show(boards: Sequence[Board], console: Console) -> None:
    """Print each board with its scope and its signature; what is wider than the console goes on below."""
    for board in boards:
        console.print(Text(f"{board.title} ({scope(board)})", style="bold"))
        widest = min(max(len(visible(name(row))) for row in board.all_rows), NAME)
        room = console.width - widest - 1
        for columns in fitting(board.columns, partial(_width, board), room):
            print_table(_table(board, columns), console)
        for text, style in _notes(board, boards):
            console.print(Text(visible(text), style=style))
        console.print(Text(visible(board.signature), style="dim"), soft_wrap=True)
        console.print()


def _notes(board: Board, boards: Sequence[Board]) -> Iterator[tuple[str, str]]:
    """The notes below a table, each line with its style."""
    for row in board.all_rows:
        if (open_counts := unanswered(row)) != EMPTY:
            yield f"{row.model}: {open_counts}", "yellow"
        yield from ((f"{name(row)}: {remark}", "") for remark in remarks(row))
    yield from ((note, "") for note in footnotes(board, "±: half of the 95 % interval"))
    if differs := unlike(board, boards):
        yield differs, "yellow"


def _width(board: Board, metric: Metric) -> int:
    """The width of a column, with the blanks between columns."""
    values = [text for row in board.all_rows for text in (cell(board, row, metric), half(row, metric))]
    return max(map(len, [*stacked(metric).splitlines(), *values])) + 3


def _table(board: Board, columns: Sequence[Metric]) -> Table:
    table = Table(box=RULED, pad_edge=False)
    table.add_column("model", overflow="fold", max_width=NAME, vertical="bottom")
    for metric in columns:
        table.add_column(stacked(metric), justify="right", no_wrap=True)
    for row in board.rows:
        model = Text(visible(name(row)) + ("\n" if row.intervals else ""))
        table.add_row(model, *(_value(board, row, metric) for metric in columns))
    table.add_section()
    for row in board.reported:
        cells = [visible(name(row)), *(cell(board, row, metric) for metric in columns)]
        table.add_row(*(Text(cell, style="italic dim") for cell in cells))
    return table


def _value(board: Board, row: Row, metric: Metric) -> Text:
    """The value with half of its interval below it, which keeps columns narrow."""
    value = Text(cell(board, row, metric), style=STYLES.get(board.standing(row, metric).place, ""))
    below = half(row, metric)
    return value.append(f"\n{below}", style="not bold not underline dim") if below else value
