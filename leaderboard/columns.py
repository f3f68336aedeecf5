"""The columns of a board: one for each metric and each way in which its rows' numbers were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sama_bench.metric import PARTS, Metric
from sama_bench.score.block import Block

Signature = Mapping[str, object]


class Columns(NamedTuple):
    """The columns in order, and for each row the column's name by metric.

    `ways` has for each column that is one of several of its metric the parts of the signature that say which; `split`
    are the parts that are not the same in all rows.
    """

    metrics: tuple[Metric, ...]
    names: list[dict[str, str]]
    ways: dict[str, dict[str, str]]
    split: tuple[str, ...]


def own_columns(metrics: Sequence[Metric], made_of: Sequence[Signature], blocks: Sequence[Block]) -> Columns:
    """Columns for rows with these signatures and numbers, which agree in all that all metrics depend on.

    A metric whose own signature is the same in all rows that have it has one column. Otherwise there is one for each
    way, whose label and name say what is not the same: `Recall (words@0.5)`.
    """
    columns: list[Metric] = []
    names: list[dict[str, str]] = [{} for _ in made_of]
    ways: dict[str, dict[str, str]] = {}
    for metric in metrics:
        rows = [row for row, block in enumerate(blocks) if metric.name in block.mean]
        parts = [part for part in metric.depends_on if len({_value_text(made_of[row], part) for row in rows}) > 1]
        for row, signature in enumerate(made_of):
            own_column = metric
            if row in rows and parts:
                way: dict[str, str] = {part: _value_text(signature, part) for part in parts}
                own_column = _apart(metric, list(way.values()))
                ways[own_column.name] = way
            names[row][metric.name] = own_column.name
            columns += [own_column] if row in rows and own_column not in columns else []
    values_by_row = [{part: _value_text(signature, part) for part in PARTS} for signature in made_of]
    split = tuple(part for part in PARTS if len({values[part] for values in values_by_row}) > 1)
    return Columns(tuple(columns), names, ways, split)


def plain_name(metric: Metric) -> str:
    """The name of a column's metric, whatever the way."""
    return metric.name.partition(" (")[0]


def _apart(metric: Metric, ways: Sequence[str]) -> Metric:
    way = ", ".join(ways)
    return replace(metric, name=f"{metric.name} ({way})", label=f"{metric.label} ({way})")


def _value_text(signature: Signature, part: str) -> str:
    value = signature.get(part)
    return "none" if value is None else str(value)
