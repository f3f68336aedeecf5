r"""Boards as LaTeX tables, to be taken into a paper by \input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from sama_bench.leaderboard.board import Board, Row
from sama_bench.leaderboard.cell import (
    EMPTY,
    OTHERS,
    footnote,
    marks,
    name,
    number,
    remarks,
    scope,
    stacked,
    unanswered,
)
from sama_bench.leaderboard.parts import by_kind
from sama_bench.leaderboard.rank import as_written
from sama_bench.leaderboard.tex_text import escaped, has_codes
from sama_bench.leaderboard.unlike import unlike
from sama_bench.metric import Metric

HEAD = r"""% Written by sama-bench report. \input{report} it where the tables are wanted, or copy one.
% It needs in the preamble: \usepackage{array} and \usepackage{booktabs}.
"""
# Points, of the narrowest usual page: article on A4 at 10pt. Names take a fifth of it.
ROOM, NAMES = 345, 0.2
BEGIN = r"\centering\footnotesize\setlength{\tabcolsep}{2.5pt}\renewcommand{\arraystretch}{1.3}"
INTERVAL = "super- and subscript: ends of the 95 % interval"
CODES = "U+ and four digits or more: a character that pdfLaTeX cannot set"


def latex(boards: Sequence[Board]) -> str:
    """A float for each board; one that is too wide for a page becomes several, masks before words."""
    return HEAD + "".join(f"\n{table}" for board in boards for table in _tables(board, boards))


def _tables(board: Board, boards: Sequence[Board]) -> Iterator[str]:
    parts = by_kind(board.columns, partial(_width, board), ROOM * (1 - NAMES) - 5)
    kind = [same_kind for same_kind in boards if (same_kind.task, same_kind.protocol) == (board.task, board.protocol)]
    label = f"tab:sama-bench-{board.task}-{board.protocol}" + (f"-{kind.index(board) + 1}" if len(kind) > 1 else "")
    for place, columns in enumerate(parts, 1):
        part = f", part {place} of {len(parts)}" if len(parts) > 1 else ""
        below = _notes(board, boards) if place == len(parts) else []
        yield "\n".join([
            r"\begin{table*}[tbp]", BEGIN,
            rf"\caption{{{_caption(board, part)}}}",
            rf"\label{{{label}{f'-part{place}' if part else ''}}}",
            *_tabular(board, columns), *below, r"\end{table*}", "",
        ])  # fmt: skip


def _caption(board: Board, part: str) -> str:
    """The table's title, and the meaning of its marks."""
    notes = footnote(board, INTERVAL)
    texts = [f"{board.title}{part}: {scope(board)}.", f"{notes[0].upper()}{notes[1:]}." if notes else ""]
    return escaped(" ".join(filter(None, texts)))


def _tabular(board: Board, columns: Sequence[Metric]) -> Iterator[str]:
    yield rf"\begin{{tabular}}{{@{{}}>{{\raggedright\arraybackslash}}p{{{NAMES}\linewidth}}{'r' * len(columns)}@{{}}}}"
    yield r"\toprule"
    yield _line(["model", *map(_heading, columns)])
    yield r"\midrule"
    for row in board.rows:
        yield _line([escaped(name(row)), *(_value(board, row, metric) for metric in columns)])
    if board.reported:
        if board.rows:
            yield r"\midrule"
        yield rf"\multicolumn{{{len(columns) + 1}}}{{@{{}}l@{{}}}}{{\itshape {escaped(OTHERS)}}} \\"
    for row in board.reported:
        cells = [escaped(name(row)), *(_number(row, metric) for metric in columns)]
        yield _line(rf"\textit{{{cell}}}" for cell in cells)
    yield r"\bottomrule"
    yield r"\end{tabular}"


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def _heading(metric: Metric) -> str:
    lines = list(map(escaped, stacked(metric).splitlines()))
    return lines[0] if len(lines) == 1 else r"\shortstack[r]{" + r"\\".join(lines) + "}"


def _value(board: Board, row: Row, metric: Metric) -> str:
    """The value, bold where it is the best and underlined where it is the second, its interval's ends, its marks."""
    text = _number(row, metric)
    standing = board.standing(row, metric)
    text = {1: rf"\textbf{{{text}}}", 2: rf"\underline{{{text}}}"}.get(standing.place, text)
    if metric.name in row.intervals:
        low, high = map(as_written, row.intervals[metric.name])
        text += f"$^{{{high}}}_{{{low}}}$"
    return text + "".join(rf"\,{escaped(mark)}" for mark in marks(board, row, metric))


def _number(row: Row, metric: Metric) -> str:
    return number(row, metric).replace(EMPTY, "--")


def _notes(board: Board, boards: Sequence[Board]) -> list[str]:
    """The notes below a table: differences from other tables, remarks on its rows, its signature."""
    notes = [differs] if (differs := unlike(board, boards)) else []
    notes += [f"{row.model}: {unanswered(row)}" for row in board.all_rows if unanswered(row) != EMPTY]
    notes += [f"{name(row)}: {remark}" for row in board.all_rows for remark in remarks(row)]
    notes += [f"Signature: {board.signature}"] if board.signature else []
    notes += [CODES] if any(has_codes(text) for text in [*notes, *(row.model for row in board.all_rows)]) else []
    return [rf"\par\smallskip\begingroup\scriptsize\raggedright {escaped(note)}\par\endgroup" for note in notes]


def _width(board: Board, metric: Metric) -> float:
    """The width of a column in points, by the widths of Computer Modern's letters at these sizes."""
    words = max(map(len, stacked(metric).splitlines())) * 4.5 + 4
    return max([words, *(_cell_width(board, row, metric) for row in board.all_rows)]) + 5


def _cell_width(board: Board, row: Row, metric: Metric) -> float:
    digits = 4.4 * len(number(row, metric)) + 8 * len(marks(board, row, metric))
    return digits + 3.4 * max(len(as_written(end)) for end in row.intervals.get(metric.name, (0.0,)))
