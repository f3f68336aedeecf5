"""Boards as data: one line per run, task, protocol and metric, for pandas; and the same as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from sama_bench.leaderboard.board import Board, Row
from sama_bench.leaderboard.columns import plain_name
from sama_bench.leaderboard.reported import Source
from sama_bench.leaderboard.unlike import differences, differing
from sama_bench.metric import Metric

# What is not known of numbers that others reported (counts, the signature) is missing, not 0.
COLUMNS = {
    "model": "str",
    "run": "str",
    "task": "str",
    "protocol": "str",
    "metric": "str",
    "value": "float64",
    "low": "float64",
    "high": "float64",
    "higher_is_better": "bool",
    "standing": "str",
    "within_best": "bool",
    "sees_truth": "bool",
    "reported": "bool",
    "source": "str",
    "questions": "Int64",
    "videos": "Int64",
    "missing": "Int64",
    "errors": "Int64",
    "signature": "str",
    "differs": "str",
    "asked": "str",
    "marked": "str",
}


# A spreadsheet takes a cell that begins so for a formula, which may read files and call servers.
FORMULA = re.compile(r"'|[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def as_csv(boards: Sequence[Board]) -> str:
    """The lines of `frame` as CSV; what is missing is an empty cell.

    A text that a spreadsheet would take for a formula has an apostrophe before it, and so has one that begins with an
    apostrophe. Numbers are as they are.
    """
    lines = frame(boards)
    for name, kind in COLUMNS.items():
        if kind == "str":
            lines[name] = lines[name].map(_plain)
    return lines.to_csv(index=False, lineterminator="\n")


def _plain(text: object) -> object:
    return f"'{text}" if isinstance(text, str) and FORMULA.match(text) else text


def frame(boards: Sequence[Board]) -> pd.DataFrame:
    """A tidy table, one line per number, values as fractions in full precision; empty boards give no lines."""
    return pd.DataFrame(list(_lines(boards)), columns=list(COLUMNS)).astype(COLUMNS)


def _lines(boards: Sequence[Board]) -> Iterator[dict[str, Any]]:
    for board in boards:
        about = {
            "task": board.task,
            "protocol": board.protocol,
            "signature": board.signature,
            "differs": differing(board, boards),
        }
        for row in board.all_rows:
            of_row = about | (_measured(board, row) if row.source is None else _reported(row.source))
            for metric in board.columns:
                if metric.name in row.values:
                    yield {"model": row.model, "run": row.run} | of_row | _number(board, row, metric)


def _measured(board: Board, row: Row) -> dict[str, Any]:
    counts = {name: row.counts.get(name, 0) for name in ("missing", "errors")}
    about = {"questions": board.questions, "videos": board.videos, "asked": row.asked, "sees_truth": row.sees_truth}
    return {**about, **counts, "reported": False, "source": ""}


def _reported(source: Source) -> dict[str, Any]:
    unknown = dict.fromkeys(("questions", "videos", "missing", "errors"))
    constants = {"signature": "", "differs": "", "asked": "", "sees_truth": False}
    return {**unknown, **constants, "reported": True, "source": f"{source.text} <{source.link}>"}


def _number(board: Board, row: Row, metric: Metric) -> dict[str, Any]:
    low, high = row.intervals.get(metric.name, (None, None))
    standing = board.standing(row, metric)
    return {
        "metric": plain_name(metric),
        **({"signature": board.signature_of(metric)} if row.source is None else {}),
        "value": row.values[metric.name],
        "low": low,
        "high": high,
        "higher_is_better": metric.higher_is_better,
        "standing": standing.label,
        "within_best": standing.near,
        "marked": row.marked.get(metric.name, ""),
    }


def as_json(boards: Sequence[Board]) -> str:
    """The boards as JSON: a list of tables, each with its signature and one object per run; docs/tables.md says all."""
    return json.dumps({"tables": [_table(board, boards) for board in boards]}, indent=1, ensure_ascii=False) + "\n"


def _table(board: Board, boards: Sequence[Board]) -> dict[str, Any]:
    return {
        "task": board.task,
        "protocol": board.protocol,
        "signature": board.signature or None,
        "differs": {
            name: {"here": own_value, "there": other_values}
            for name, (own_value, other_values) in differences(board, boards).items()
        },
        "questions": board.questions if board.rows else None,
        "videos": board.videos if board.rows else None,
        "columns": [_column(board, metric) for metric in board.columns],
        "rows": [_row(board, row) for row in board.rows],
        "reported": [_entry(row, row.source) for row in board.reported if row.source is not None],
    }


def _column(board: Board, metric: Metric) -> dict[str, Any]:
    way = {"metric": plain_name(metric), "made_of": dict(board.ways[metric.name])} if metric.name in board.ways else {}
    return {"name": metric.name, "label": metric.label, "higher_is_better": metric.higher_is_better, **way}


def _row(board: Board, row: Row) -> dict[str, Any]:
    numbers = {"values": dict(row.values), "intervals": {name: list(bounds) for name, bounds in row.intervals.items()}}
    standings = {metric.name: board.standing(row, metric) for metric in board.columns}
    ranks = {
        "standing": {name: standing.label for name, standing in standings.items() if standing.place},
        "within_best": [name for name, standing in standings.items() if standing.near],
    }
    optional: dict[str, Any] = {"asked": row.asked} if row.asked else {}
    optional |= {"cannot": dict(row.cannot)} if row.cannot else {}
    optional |= {"marked": dict(row.marked)} if row.marked else {}
    about = {"model": row.model, "run": row.run, "reported": False, "sees_truth": row.sees_truth}
    return {**about, **row.counts, **numbers, **ranks, **optional}


def _entry(row: Row, source: Source) -> dict[str, Any]:
    return {"model": row.model, "reported": True, "values": dict(row.values), "source": _source(source)}


def _source(source: Source) -> dict[str, str]:
    """The parts of a source that are there, and its address."""
    fields = {"url": source.url, "arxiv": source.arxiv, "table": source.table, "date": source.date}
    return {"title": source.title, **{name: value for name, value in fields.items() if value}, "link": source.link}
