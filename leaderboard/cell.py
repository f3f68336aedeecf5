"""Texts of a board's numbers and names, the same in every format."""

from __future__ import annotations

from sama_bench.leaderboard.board import Board, Row
from sama_bench.leaderboard.rank import NEAR, as_written
from sama_bench.metric import Metric
from sama_bench.score.signature import FORCED_NOTE, is_forced
from sama_bench.score.table import MARK, without

EMPTY = "–"
# A hint for who makes the tables; readers of a published page cannot run it.
NO_TEST = " (no test: see sama-bench compare)"
TRUTH, REPORTED = "†", "§"
OTHERS = "Reported by others: not measured here, not ranked"


def heading(metric: Metric) -> str:
    """A column's heading with the arrow of its direction."""
    return metric.heading


def stacked(metric: Metric) -> str:
    """A column's heading, a word to a line, so that columns stay narrow; the arrow stands behind the last one."""
    words, arrow = heading(metric).rsplit(" ", 1)
    return "\n".join(words.split()) + f" {arrow}"


def cell(board: Board, row: Row, metric: Metric) -> str:
    """A value in percent with two decimals and its marks; a dash where the metric is undefined for the run.

    ‡ stands where it is `marked`, ≈ where it lies within the 95 % interval of the best.
    """
    return " ".join([number(row, metric), *marks(board, row, metric)])


def number(row: Row, metric: Metric) -> str:
    """A value in percent with two decimals, a dash where there is none."""
    value = row.values.get(metric.name)
    return EMPTY if value is None else as_written(value)


def marks(board: Board, row: Row, metric: Metric) -> list[str]:
    """The marks behind a value, which `footnote` and `remarks` explain."""
    incomplete = [MARK] if metric.name in row.marked and metric.name in row.values else []
    return [*incomplete, *([NEAR] if board.standing(row, metric).near else [])]


def ends(row: Row, metric: Metric) -> str:
    """The interval in percent, `[48.90, 53.41]`; '' where the value has none."""
    if metric.name not in row.intervals:
        return ""
    low, high = row.intervals[metric.name]
    return f"[{as_written(low)}, {as_written(high)}]"


def half(row: Row, metric: Metric) -> str:
    """Half of the interval's width in percent, `±2.25`; '' where the value has none."""
    if metric.name not in row.intervals:
        return ""
    low, high = row.intervals[metric.name]
    return f"±{50 * (high - low):.2f}"


def name(row: Row) -> str:
    """The model's name, marked where it is shown the truth, and where others reported its numbers."""
    if row.source is not None:
        return f"{row.model} {REPORTED}"
    return f"{row.model} {TRUTH}" if row.sees_truth else row.model


def footnote(board: Board, interval: str) -> str:
    """The lines of `footnotes` as one; '' where there are none."""
    return "; ".join(footnotes(board, interval))


def footnotes(board: Board, interval: str) -> list[str]:
    """Explanations of the marks at names and values; `interval` says how intervals are shown."""
    standings = [board.standing(row, metric) for row in board.rows for metric in board.columns]
    notes = ["bold: best, underlined: second"] if any(standing.place for standing in standings) else []
    if any(standing.near for standing in standings):
        notes.append(f"{NEAR}: the value lies within the best one's 95 % interval{NO_TEST}")
    notes += [f"{TRUTH}: is shown the truth, and not ranked"] if any(row.sees_truth for row in board.rows) else []
    notes += [f"{REPORTED}: reported by others, not measured here, not ranked"] if board.reported else []
    notes += [f"{interval} over videos"] if any(row.intervals for row in board.rows) else []
    return notes


def unanswered(row: Row) -> str:
    """The questions that a run left open: `3 missing, 1 errors`, or a dash."""
    open_counts = [f"{count} {name.replace('_', ' ')}" for name, count in row.counts.items() if count]
    return ", ".join(open_counts) or EMPTY


def remarks(row: Row) -> list[str]:
    """Remarks on a row: its source, how its model was asked, what is empty or no whole number."""
    source = [f"reported in {row.source.text}"] if row.source is not None else []
    wording = [f"asked {row.asked}"] if row.asked else []
    wording += [FORCED_NOTE] if is_forced({"asked": row.asked}) else []
    marked = [f"{MARK} {name}: {reason}" for name, reason in row.marked.items()]
    return [*source, *wording, *(f"without {gap}" for gap in without(row.cannot, "it ")), *marked]


def scope(board: Board) -> str:
    """The number of questions and videos that a board's numbers rest on."""
    return board.scope


def visible(text: str) -> str:
    """A stranger's text on one line; what has no glyph, or turns the line about, is written as `<U+202E>`."""
    line = " ".join(text.split())
    return "".join(character if character.isprintable() else f"<U+{ord(character):04X}>" for character in line)
