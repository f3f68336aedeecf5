"""The boards as the page takes them: numbers and what has to be said of them, in JSON's own types."""

from __future__ import annotations

from collections.abc import Sequence

from sama_bench.leaderboard.board import Board, Row, ScoredRun
from sama_bench.leaderboard.cell import EMPTY, cell, ends, footnote, half, heading, remarks, scope, unanswered
from sama_bench.leaderboard.unlike import unlike
from sama_bench.metric import Metric


def tables(boards: Sequence[Board]) -> list[dict[str, object]]:
    """All boards, each with what makes its signature unlike those of the boards of the same task and protocol."""
    return [_table(board, unlike(board, boards)) for board in boards]


def _table(board: Board, differs: str) -> dict[str, object]:
    return {
        "task": board.task,
        "protocol": board.protocol,
        "title": board.title,
        "scope": scope(board),
        "signature": board.signature,
        "differs": differs,
        "note": footnote(board, "±: half of the 95 % interval"),
        "columns": [_column(metric) for metric in board.columns],
        "rows": [_row(board, row) for row in board.rows],
        "reported": [_row(board, row) for row in board.reported],
    }


def _column(metric: Metric) -> dict[str, object]:
    return {"name": metric.name, "heading": heading(metric), "higher": metric.higher_is_better}


def _row(board: Board, row: Row) -> dict[str, object]:
    source = {"source": {"text": row.source.text, "link": row.source.link}} if row.source is not None else {}
    return {
        "model": row.model,
        "run": row.run,
        **({"link": row.link} if row.link else {}),
        "truth": row.sees_truth,
        "unanswered": "" if (open_counts := unanswered(row)) == EMPTY else open_counts,
        "remarks": remarks(row),
        "cells": [_cell(board, row, metric) for metric in board.columns],
        **source,
    }


def _cell(board: Board, row: Row, metric: Metric) -> dict[str, object]:
    value = row.values.get(metric.name)
    if value is None:
        undefined = "not reported" if row.source is not None else "undefined: none of its questions has a value"
        return {"why": row.cannot.get(metric.name, undefined)}
    result = {"value": value, "text": cell(board, row, metric), "half": half(row, metric), "ends": ends(row, metric)}
    low_high = row.intervals.get(metric.name)
    note = {"why": row.marked[metric.name]} if metric.name in row.marked else {}
    standing = board.standing(row, metric)
    second = {"second": True} if standing.place == 2 else {}
    return {**result, "interval": low_high and list(low_high), "best": standing.place == 1, **second, **note}


def parts(runs: Sequence[ScoredRun]) -> list[dict[str, object]]:
    """Each run's breakdowns by protocol, task and dimension; empty where it was scored without."""
    return [run.scores.to_json().get("breakdowns", {}) for run in runs]
