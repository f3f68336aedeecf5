"""The look of every table: headings in bold, texts to the left, numbers to the right; a caller brings content only.

Headings and cells are texts: nothing in them is read as markup. Colours are left out where rich leaves them out, as
where NO_COLOR is set or the output is no terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from rich import box
from rich.table import Table
from rich.text import Text

Cells: TypeAlias = "Sequence[str | Text]"


class Look(Enum):
    """The lines of a table."""

    BOXED = "boxed"
    """Lines around all cells: a table with few rows."""
    RULED = "ruled"
    """A line below the headings alone: a table with many rows or columns, or one that goes on."""


@dataclass(frozen=True)
class Column:
    """A column: `number` for values that stand below each other at the right, and `whole` for texts never wrapped."""

    heading: str = ""
    number: bool = False
    whole: bool = False
    bold: bool = False


RULE: Final[Cells] = ()
"""In the place of a row: a line or a gap between the rows above it and those below."""


def numbers(headings: Iterable[str]) -> list[Column]:
    """A column of numbers for each heading."""
    return [Column(heading, number=True) for heading in headings]


def layout(
    columns: Sequence[str | Column],
    rows: Iterable[Cells],
    look: Look = Look.RULED,
    *,
    headings: bool = True,
    caption: str | None = None,
) -> Table:
    """Lay out a table; a column given by its heading alone holds texts, and a row may have fewer cells than columns.

    `caption` stands below it. Without `headings` the columns' headings are not shown.
    """
    table = _empty(look, headings)
    for column in columns:
        shape = Column(column) if isinstance(column, str) else column
        table.add_column(
            Text(shape.heading),
            justify="right" if shape.number else "left",
            no_wrap=shape.whole or shape.number,
            style="bold" if shape.bold else None,
        )
    for row in rows:
        if row:
            table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
        else:
            table.add_section()
    table.caption = caption
    return table


def _empty(look: Look, headings: bool) -> Table:
    if look is Look.BOXED:
        return Table(show_header=headings)
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_header=headings)
