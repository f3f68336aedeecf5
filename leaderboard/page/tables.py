"""The boards as the page takes them: numbers and what has to be said of them, in JSON's own types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sama_bench.leaderboard.board import Board, Row, ScoredRun
from sama_bench.leaderboard.cell import EMPTY, cell, ends, footnote, half, heading, is_best, remarks, scope, unanswered
from sama_bench.task import Metric


def tables(boards: Sequence[Board]) -> list[dict[str, Any]]:
    """All boards, each with what makes its signature unlike those of the boards of the same task and protocol."""
    return [_table(board, _differing(board, boards)) for board in boards]


def _table(board: Board, differs: Sequence[str]) -> dict[str, Any]:
    return {
        "task": board.task,
        "protocol": board.protocol,
        "title": board.title,
        "scope": scope(board),
        "signature": board.signature,
        "differs": list(differs),
        "note": footnote(board, "±: half of the 95 % interval"),
        "columns": [_column(metric) for metric in board.columns],
        "rows": [_row(board, row) for row in board.rows],
    }


def _column(metric: Metric) -> dict[str, Any]:
    return {"name": metric.name, "heading": heading(metric), "higher": metric.higher_is_better}


def _row(board: Board, row: Row) -> dict[str, Any]:
    return {
        "model": row.model,
        "run": row.run,
        "truth": row.sees_truth,
        "unanswered": "" if (told := unanswered(row)) == EMPTY else told,
        "remarks": remarks(row),
        "cells": [_cell(board, row, metric) for metric in board.columns],
    }


def _cell(board: Board, row: Row, metric: Metric) -> dict[str, Any]:
    value = row.values.get(metric.name)
    if value is None:
        return {"why": row.cannot.get(metric.name, "undefined: none of its questions has a value")}
    found = {"value": value, "text": cell(row, metric), "half": half(row, metric), "ends": ends(row, metric)}
    low_high = row.intervals.get(metric.name)
    why = {"why": row.marked[metric.name]} if metric.name in row.marked else {}
    return {**found, "interval": low_high and list(low_high), "best": is_best(board, row, metric), **why}


def _differing(board: Board, boards: Sequence[Board]) -> list[str]:
    """Each part of the signature that is not the same in all tables of the task and protocol, as `part: value`."""
    alike = [one for one in boards if (one.task, one.protocol) == (board.task, board.protocol)]
    parts = [_parts(one.signature) for one in alike]
    mine = _parts(board.signature)
    return [f"{name}: {value}" for name, value in mine.items() if any(one.get(name) != value for one in parts)]


def _parts(signature: str) -> dict[str, str]:
    found = (part.partition(":") for part in signature.split("|"))
    return {name: value for name, _, value in found}


def parts(runs: Sequence[ScoredRun]) -> list[Mapping[str, Any]]:
    """Each run's breakdowns by protocol, task and dimension; empty where it was scored without."""
    return [run.scores.get("breakdowns", {}) for run in runs]
