"""How a board's numbers and names are written, the same in every format."""

from __future__ import annotations

from sama_bench.leaderboard.board import Board, Row
from sama_bench.score.table import MARK, without
from sama_bench.task import Metric

EMPTY = "–"


def heading(metric: Metric) -> str:
    """A column's heading with the arrow of its direction."""
    return f"{metric.label} {'↑' if metric.higher_is_better else '↓'}"


def cell(row: Row, metric: Metric) -> str:
    """A value in percent with two decimals, ‡ where it is marked; a dash where the metric is undefined for the run."""
    value = row.values.get(metric.name)
    if value is None:
        return EMPTY
    return f"{100 * value:.2f} {MARK}" if metric.name in row.marked else f"{100 * value:.2f}"


def ends(row: Row, metric: Metric) -> str:
    """The interval in percent, `[48.90, 53.41]`; '' where the value has none."""
    if metric.name not in row.intervals:
        return ""
    low, high = row.intervals[metric.name]
    return f"[{100 * low:.2f}, {100 * high:.2f}]"


def half(row: Row, metric: Metric) -> str:
    """Half of the interval's width in percent, `±2.25`; '' where the value has none."""
    if metric.name not in row.intervals:
        return ""
    low, high = row.intervals[metric.name]
    return f"±{50 * (high - low):.2f}"


def is_best(board: Board, row: Row, metric: Metric) -> bool:
    """Whether the row's number, as written, is the best of its column; never where there is nothing to beat."""
    best, value = board.best(metric), row.values.get(metric.name)
    if best is None or value is None or row.sees_truth:
        return False
    return f"{100 * value:.2f}" == f"{100 * best:.2f}"


def name(row: Row) -> str:
    """The model's name, marked where it is shown the truth."""
    return f"{row.model} †" if row.sees_truth else row.model


def footnote(board: Board, interval: str) -> str:
    """What the marks at names and values mean, `interval` being how intervals are shown; '' where there are none."""
    notes = ["† is shown the truth, and not ranked"] if any(row.sees_truth for row in board.rows) else []
    notes += [f"{interval} over videos"] if any(row.intervals for row in board.rows) else []
    return "; ".join(notes)


def unanswered(row: Row) -> str:
    """What a run left open: `3 missing, 1 errors`, or a dash."""
    told = [f"{count} {name.replace('_', ' ')}" for name, count in row.counts.items() if count]
    return ", ".join(told) or EMPTY


def remarks(row: Row) -> list[str]:
    """What a reader of the row has to know: how its model was asked, what it cannot have, what is no whole number."""
    asked = [f"asked {row.asked}"] if row.asked else []
    marked = [f"{MARK} {name}: {why}" for name, why in row.marked.items()]
    return [*asked, *(f"without {told}" for told in without(row.cannot, "it ")), *marked]


def scope(board: Board) -> str:
    """How much the numbers of a board rest on."""
    return f"{board.questions} questions of {board.videos} videos, percent"
