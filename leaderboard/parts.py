"""A board's columns cut into parts that are narrow enough for a page or a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sama_bench.metric import Metric


def fitting(columns: Sequence[Metric], width: Callable[[Metric], float], room: float) -> Iterator[list[Metric]]:
    """Cut the columns into runs whose widths together are at most `room`; one that is wider stands alone."""
    part: list[Metric] = []
    width_used = 0.0
    for metric in columns:
        if part and width_used + width(metric) > room:
            yield part
            part, width_used = [], 0.0
        part.append(metric)
        width_used += width(metric)
    if part:
        yield part


def by_kind(columns: Sequence[Metric], width: Callable[[Metric], float], room: float) -> list[list[Metric]]:
    """As few parts as fit; the metrics of the masks apart from those of the words if that takes no more.

    A metric is one of words if it needs a text of the model's own.
    """
    kinds = [[metric for metric in columns if ("text" in metric.needs) is of_words] for of_words in (False, True)]
    by_kinds = [part for kind in kinds for part in _evenly(kind, width, room)]
    evenly = _evenly(columns, width, room)
    return by_kinds if len(by_kinds) == len(evenly) else evenly


def _evenly(columns: Sequence[Metric], width: Callable[[Metric], float], room: float) -> list[list[Metric]]:
    """As few parts as fit, and then as narrow as so many can be, so that no last column stands alone."""
    fewest = list(fitting(columns, width, room))
    even = sum(map(width, columns)) / max(1, len(fewest))
    tried = (list(fitting(columns, width, even + (room - even) * step / 20)) for step in range(20))
    return next((parts for parts in tried if len(parts) == len(fewest)), fewest)
