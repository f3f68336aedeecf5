"""The tables of a report's summary in a terminal: each whole, however narrow that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from sama_bench.leaderboard.board import Board, Row
from sama_bench.leaderboard.cell import EMPTY, REPORTED, TRUTH, half, name, visible
from sama_bench.leaderboard.rank import NEAR, as_written
from sama_bench.leaderboard.summary import Summary, SummaryColumn
from sama_bench.leaderboard.unlike import unlike
from sama_bench.metric import Metric
from sama_bench.score.table import MARK

BEST = "*"
SIDE_BY_SIDE = 3  # runs stand beside each other where they are so few
NAMES = (40, 32, 24, 18, 12)  # widths of a run's name, tried from the widest
LINES = 1  # of a name beside intervals
STYLES = {1: "bold", 2: "underline"}  # by place
ANY = 100_000


class Cell(NamedTuple):
    """A value with the mark behind it and half of its interval, as they are shown."""

    value: str
    mark: str
    half: str
    style: str

    def text(self, *, intervals: bool) -> Text:
        """On one line; without a mark there is a blank in its place, so that digits stand below each other."""
        text = Text(self.value, style=self.style).append(self.mark or " ", style="not bold not underline")
        return text.append(f" {self.half}", style="not bold not underline dim") if intervals and self.half else text


def print_summaries(summaries: Sequence[Summary], boards: Sequence[Board], console: Console, files: str = "") -> None:
    """Print the tables, what is folded, what their marks are, and at the end how the numbers were made, once.

    `files` says where the whole signatures are.
    """
    shows_intervals = False
    for number, summary in enumerate(summaries):
        if number:
            console.print()
        console.print(Text(visible(summary.title), style="bold"))
        for table in tables(summary, console):
            shows_intervals |= any("±" in str(cell) for column in table.columns for cell in column.cells)
            console.print(table)
        for text, style in _notes(summary, [board for shown in summaries for board in shown.boards]):
            console.print(Text(visible(text), style=style))
    for line in [
        *_legend(summaries, intervals=shows_intervals),
        *_hidden(summaries, boards),
        *signatures(summaries, files),
    ]:
        console.print(Text(visible(line), style="dim"))


def tables(summary: Summary, console: Console) -> Iterator[Table]:
    """The summary as one table that the console is wide enough for, in parts only where no form of it is."""
    for make in _forms(summary):
        table = make()
        if _width(table, console) <= console.width:
            yield table
            return
    yield from _parts(summary, console)


def _forms(summary: Summary) -> Iterator[Callable[[], Table]]:
    """Ways to lay a table out, the best first."""
    few = len(summary.rows) <= SIDE_BY_SIDE
    longest = max(cell_len(visible(name(row.any_row))) for row in summary.rows)
    for intervals in (True, False):
        if few:
            for width in NAMES[2], NAMES[-1]:
                yield partial(_metrics_as_rows, summary, width, intervals=intervals)
        for width in NAMES:
            if not intervals or few or longest <= LINES * width:  # a name on many lines is worse than no interval
                yield partial(_runs_as_rows, summary, width, intervals=intervals)
    yield partial(_metrics_as_rows, summary, NAMES[-1], intervals=False)
    yield partial(_numbered, summary)


def _width(table: Table, console: Console) -> int:
    return Measurement.get(console, console.options.update(width=ANY, max_width=ANY), table).maximum


def _parts(summary: Summary, console: Console) -> Iterator[Table]:
    """As many metrics at a time as there is room for, each part with a title that says which."""
    forms = [partial(_runs_as_rows, width=width, intervals=False) for width in (NAMES[2], NAMES[-1])] + [_numbered]
    cuts = [(form, list(_cut(summary, form, console))) for form in forms]
    form, parts = min(cuts, key=lambda cut: len(cut[1]))
    for first, last in parts:
        table = form(_only(summary, first, last))
        table.title, table.title_justify = f"metrics {first + 1} to {last} of {len(summary.columns)}", "left"
        table.title_style = "italic"
        yield table


def _cut(summary: Summary, form: Callable[[Summary], Table], console: Console) -> Iterator[tuple[int, int]]:
    """The first and the last column, exclusive, of each part; a column that is wider than the console stands alone."""
    first = 0
    while first < len(summary.columns):
        last = first + 1
        while last < len(summary.columns) and _width(form(_only(summary, first, last + 1)), console) <= console.width:
            last += 1
        yield first, last
        first = last


def _only(summary: Summary, first: int, last: int) -> Summary:
    standings = {
        (row, column - first): standing
        for (row, column), standing in summary.standings.items()
        if first <= column < last
    }
    return replace(summary, columns=summary.columns[first:last], standings=standings)


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)


def _runs_as_rows(summary: Summary, width: int, *, intervals: bool) -> Table:
    table = _table()
    table.add_column("", justify="right", no_wrap=True, vertical="top")
    table.add_column("run", overflow="fold", max_width=width, vertical="bottom")
    for column in summary.columns:
        table.add_column(Text(_stacked(column)), justify="right", no_wrap=True)
    for number, row in enumerate(summary.rows):
        cells = [_cell(summary, number, place).text(intervals=intervals) for place in range(len(summary.columns))]
        style = "italic dim" if row.any_row.source is not None else ""
        table.add_row(_rank(summary, number), Text(visible(name(row.any_row)), style=style), *cells)
    return table


def _metrics_as_rows(summary: Summary, width: int, *, intervals: bool) -> Table:
    table = _table()
    table.add_column("metric", no_wrap=True, vertical="bottom")
    for number, row in enumerate(summary.rows):
        rank = _rank(summary, number)
        heading = visible(f"{rank}. {name(row.any_row)}" if rank and len(summary.rows) > 1 else name(row.any_row))
        table.add_column(Text(heading), justify="right", max_width=max(width, 15), overflow="fold")
    for place, column in enumerate(summary.columns):
        cells = [_cell(summary, number, place).text(intervals=intervals) for number in range(len(summary.rows))]
        table.add_row(_label(column), *cells)
    return table


def _numbered(summary: Summary) -> Table:
    """Metrics as rows below the numbers of the runs, whose names stand under the table."""
    table = _table()
    table.add_column("metric", no_wrap=True)
    for number in range(len(summary.rows)):
        table.add_column(f"[{number + 1}] ", justify="right", no_wrap=True)
    for place, column in enumerate(summary.columns):
        cells = [_cell(summary, number, place).text(intervals=False) for number in range(len(summary.rows))]
        table.add_row(_label(column), *cells)
    table.caption = Text(
        "\n".join(f"[{number}] {visible(name(row.any_row))}" for number, row in enumerate(summary.rows, 1)), style="dim"
    )
    table.caption_justify = "left"
    return table


def _rank(summary: Summary, number: int) -> str:
    rank = summary.ranks[number] if number < len(summary.ranks) else None
    return "" if rank is None else str(rank)


def _label(column: SummaryColumn) -> str:
    return f"{column.part} {column.metric.heading}".strip()


def _stacked(column: SummaryColumn) -> str:
    """A heading on as few short lines as may be; the part it belongs to above, the arrow at its end."""
    words, arrow = column.metric.heading.rsplit(" ", 1)
    lines = [column.part] * bool(column.part)
    line = ""
    for word in words.split():
        if line and len(line) + len(word) + 1 > 12:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join(
        f"{text}{' ' if number < len(lines) else ''}" for number, text in enumerate([*lines, f"{line} {arrow}"], 1)
    )


def _cell(summary: Summary, number: int, place: int) -> Cell:
    column, row = summary.columns[place], summary.rows[number]
    known: Row | None = row.on(column.board)
    value = row.value(column)
    if known is None or value is None:
        return Cell(EMPTY, "", "", "dim")
    standing = summary.standing(number, place)
    marks = [MARK] if column.metric.name in known.marked else []
    marks += [BEST] if standing.place == 1 else [NEAR] if standing.near else []
    style = "italic dim" if known.source is not None else STYLES.get(standing.place, "")
    return Cell(as_written(value), "".join(marks), half(known, column.metric), style)


def _notes(summary: Summary, boards: Sequence[Board]) -> Iterator[tuple[str, str]]:
    """The lines below a table, each with its style: open questions, runs that are not in it, what it is not like."""
    open_counts = []
    for row in summary.rows:
        counts = {board.task: known.counts for board, known in row.places}
        unanswered = sum(count.get(kind, 0) for count in counts.values() for kind in ("missing", "errors"))
        open_counts += [f"{name(row.any_row)} {unanswered}"] if unanswered else []
    if open_counts:
        yield f"questions without an answer: {', '.join(open_counts)}", "yellow"
    for row in summary.rows:
        if row.any_row.source is not None:
            yield f"{name(row.any_row)}: reported in {row.any_row.source.text}", ""
    if summary.folded:
        yield f"not in the table: {'; '.join(summary.folded)}", "yellow"
    for line in dict.fromkeys(line for board in summary.boards if (line := unlike(board, boards))):
        yield line, "yellow"


def _legend(summaries: Sequence[Summary], *, intervals: bool) -> Iterator[str]:
    """What the marks are, in a line."""
    standings = [standing for summary in summaries for standing in summary.standings.values()]
    rows = [known for summary in summaries for row in summary.rows for _, known in row.places]
    marks = [f"{BEST} best"] if any(standing.place == 1 for standing in standings) else []
    if any(standing.near for standing in standings):
        marks.append(f"{NEAR} within the best one's interval (to test: sama-bench compare)")
    marks += ["± half of the 95 % interval over videos"] if intervals else []
    marks += [f"{TRUTH} is shown the truth, not ranked"] if any(row.sees_truth for row in rows) else []
    marks += [f"{REPORTED} reported by others, not ranked"] if any(row.source is not None for row in rows) else []
    shown = [column.metric.name for summary in summaries for column in summary.columns]
    marks += [f"{MARK} not on all answers"] if any(metric in row.marked for row in rows for metric in shown) else []
    if marks:
        yield "; ".join(marks)


def _hidden(summaries: Sequence[Summary], boards: Sequence[Board]) -> Iterator[str]:
    """What there is beside the shown."""
    shown = {
        (column.board.task, column.board.protocol, column.metric.name)
        for summary in summaries
        for column in summary.columns
    }
    everything: dict[tuple[str, str, str], Metric] = {
        (board.task, board.protocol, metric.name): metric for board in boards for metric in board.columns
    }
    hidden = everything.keys() - shown
    if hidden:
        labels = dict.fromkeys(metric.name for place, metric in everything.items() if place in hidden)
        some = ", ".join(list(labels)[:3])
        yield f"{len(hidden)} more numbers a run: --all, or --metric NAME ({some}, …)"


def signatures(summaries: Sequence[Summary], files: str) -> Iterator[str]:
    """How the numbers were made, in short: the parts in which the boards agree once, the others by task."""
    used = [board for summary in summaries for board in summary.boards if board.signature]
    if not used:
        return
    parts = [dict(part.split(":", 1) for part in board.signature.split("|") if ":" in part) for board in used]
    common = {key: value for key, value in parts[0].items() if all(other.get(key) == value for other in parts)}
    short = [f"{key}:{common[key]}" for key in ("bench", "version") if key in common]
    selections = [
        f"{part.get('task', '')}/{part.get('protocol', '')} {part.get('sel', '')}" for part in parts if part.get("sel")
    ]
    line = "|".join([*short, *([f"sel:{', '.join(dict.fromkeys(selections))}"] if selections else [])])
    yield f"signature {line or used[0].signature}{f' (whole: {files})' if files else ''}"
