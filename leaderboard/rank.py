"""The best and second row of a column, and the rows in the best one's interval: the same in every format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sama_bench.metric import Metric

if TYPE_CHECKING:
    from sama_bench.leaderboard.board import Row

NEAR = "≈"
PLACES = {1: "best", 2: "second"}


@dataclass(frozen=True)
class Standing:
    """`place` is 1 for the best of a column, 2 for the second, 0 for all others; those alike as written share one.

    `near` says of a value that is not the best that it lies within the 95 % interval of the best one.
    """

    place: int = 0
    near: bool = False

    @property
    def label(self) -> str:
        """The place as a word: `best`, `second` or ''."""
        return PLACES.get(self.place, "")


NOWHERE = Standing()


def as_written(value: float) -> str:
    """A fraction in percent with two decimals, which is what all tables show and rank."""
    return f"{100 * value:.2f}"


def column(rows: Sequence[Row], metric: Metric) -> list[Standing]:
    """The standing of each row in a column; none if it is not ranked, has no value, or nobody else has one."""
    ranked = [row for row in rows if is_ranked(row) and metric.name in row.values]
    if len(ranked) < 2:
        return [NOWHERE] * len(rows)
    texts = {as_written(row.values[metric.name]) for row in ranked}
    order = sorted(texts, key=float, reverse=metric.higher_is_better)
    leaders = [row for row in ranked if as_written(row.values[metric.name]) == order[0]]
    intervals = [row.intervals[metric.name] for row in leaders if metric.name in row.intervals]
    return [_standing(row, metric, order, intervals) for row in rows]


def _standing(row: Row, metric: Metric, order: Sequence[str], intervals: Sequence[tuple[float, float]]) -> Standing:
    """The standing of a row among values in `order`; `intervals` are those of the best."""
    if not is_ranked(row) or metric.name not in row.values:
        return NOWHERE
    value = row.values[metric.name]
    place = next((place for place in PLACES if order[place - 1 : place] == [as_written(value)]), 0)
    return Standing(place, place != 1 and any(low <= value <= high for low, high in intervals))


def is_ranked(row: Row) -> bool:
    """Whether a row's numbers compete: not where the model is shown the truth, nor where others reported them."""
    return not row.sees_truth and row.source is None
