"""Tables are whole whatever the width of the window: no digit is cut off."""

from __future__ import annotations

from rich.console import Console
from rich.measure import Measurement
from rich.table import Column, Table

BROKEN = 24  # a word that is longer may be broken to make room
ANY = 100_000  # more columns than a table has


def print_table(table: Table, console: Console) -> None:
    """Print a table as wide as the console is where that can be had by wrapping its texts, else in longer lines.

    Texts are wrapped between words. Columns of numbers, the right-justified, and those that say no_wrap stay whole.
    """
    options = console.options.update(width=ANY, max_width=ANY)
    excess = Measurement.get(console, options, table).maximum - console.width
    if excess <= 0:
        console.print(table)
        return
    widths = [_widths(column, table.show_header, console) for column in table.columns]
    chosen = _narrowed(widths, excess)
    for column, width in zip(table.columns, chosen, strict=True):
        column.width, column.overflow, column.no_wrap = width, "fold", False
    before, console.width = console.width, console.width + excess - sum(most for _, most in widths) + sum(chosen)
    console.print(table)
    console.width = before


def _widths(column: Column, show_header: bool, console: Console) -> tuple[int, int]:
    """The least and the most that a column can use."""
    cells = [*([column.header] if show_header else []), *column.cells]
    options = console.options.update(width=ANY, max_width=ANY)
    measured = [Measurement.get(console, options, cell) for cell in cells]
    most = max((measure.maximum for measure in measured), default=0)
    if column.max_width is not None:
        most = min(most, column.max_width)
    if column.no_wrap or column.justify == "right":
        return most, most
    return min(most, BROKEN, max((measure.minimum for measure in measured), default=0)), most


def _narrowed(widths: list[tuple[int, int]], excess: int) -> list[int]:
    """The widths of the columns with `excess` taken away, as far as there is so much, of the widest first."""
    chosen = [most for _, most in widths]
    for _ in range(excess):
        spare = [(width, place) for place, width in enumerate(chosen) if width > widths[place][0]]
        if not spare:
            break
        chosen[max(spare)[1]] -= 1
    return chosen
