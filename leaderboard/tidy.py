"""Boards as data: one line per run, task, protocol and metric, for pandas; and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from sama_bench.leaderboard.board import Board, Row

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
    "sees_truth": "bool",
    "questions": "int64",
    "videos": "int64",
    "missing": "int64",
    "errors": "int64",
    "signature": "str",
    "asked": "str",
}


def frame(boards: Sequence[Board]) -> pd.DataFrame:
    """A tidy table, one line per number, values as fractions in full precision; empty boards give no lines."""
    return pd.DataFrame(list(_lines(boards)), columns=list(COLUMNS)).astype(COLUMNS)


def _lines(boards: Sequence[Board]) -> Iterator[dict[str, Any]]:
    for board in boards:
        for row in board.rows:
            for metric in board.columns:
                if metric.name in row.values:
                    low, high = row.intervals.get(metric.name, (None, None))
                    yield {
                        "model": row.model,
                        "run": row.run,
                        "task": board.task,
                        "protocol": board.protocol,
                        "metric": metric.name,
                        "value": row.values[metric.name],
                        "low": low,
                        "high": high,
                        "higher_is_better": metric.higher_is_better,
                        "sees_truth": row.sees_truth,
                        "questions": board.questions,
                        "videos": board.videos,
                        "missing": row.counts.get("missing", 0),
                        "errors": row.counts.get("errors", 0),
                        "signature": board.signature,
                        "asked": row.asked,
                    }


def as_json(boards: Sequence[Board]) -> str:
    """The boards as JSON: a list of tables, each with its signature and one object per run."""
    return json.dumps({"tables": [_table(board) for board in boards]}, indent=1, ensure_ascii=False) + "\n"


def _table(board: Board) -> dict[str, Any]:
    return {
        "task": board.task,
        "protocol": board.protocol,
        "signature": board.signature,
        "questions": board.questions,
        "videos": board.videos,
        "columns": [{"name": m.name, "label": m.label, "higher_is_better": m.higher_is_better} for m in board.columns],
        "rows": [_row(row) for row in board.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    numbers = {"values": dict(row.values), "intervals": {name: list(ends) for name, ends in row.intervals.items()}}
    told: dict[str, Any] = {"asked": row.asked} if row.asked else {}
    told |= {"cannot": dict(row.cannot)} if row.cannot else {}
    told |= {"marked": dict(row.marked)} if row.marked else {}
    return {"model": row.model, "run": row.run, "sees_truth": row.sees_truth, **row.counts, **numbers, **told}
