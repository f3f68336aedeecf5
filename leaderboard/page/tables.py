"""The boards as the page takes them, in JSON's own types: one table for each task, whatever the protocols.

A metric that has the same numbers under two protocols has one column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sama_bench.benchmark.installed import is_task, load_task
from sama_bench.leaderboard.board import Board, Row, ScoredRun
from sama_bench.leaderboard.cell import (
    EMPTY,
    NO_TEST,
    cell,
    ends,
    footnotes,
    half,
    heading,
    remarks,
    scope,
    unanswered,
)
from sama_bench.leaderboard.columns import plain_name
from sama_bench.leaderboard.page.groups import benchmark_of
from sama_bench.leaderboard.unlike import signature_parts, unlike
from sama_bench.metric import PARTS, Metric
from sama_bench.score.signature import SHORT_NAMES

# Parts of a signature that may differ between the protocols of one table.
OWN_PARTS = {"protocol", *(SHORT_NAMES.get(part, part) for part in PARTS)}
FEWEST, MOST = 3, 5  # columns that are shown before anybody asks for more


@dataclass(frozen=True)
class Sheet:
    """The boards of one task whose numbers are of the same questions: the main protocol's first, then the others."""

    boards: tuple[Board, ...]

    @property
    def main(self) -> Board:
        """The board whose metrics lead: the main protocol's where that has any."""
        return next((board for board in self.boards if board.columns), self.boards[0])

    @property
    def bench(self) -> str:
        """The beginning of the benchmark's fingerprint, '' where the signature has none."""
        return signature_parts(self.main.signature).get("bench", "")

    @property
    def label(self) -> str:
        """The benchmark as people call it, as far as its task says that."""
        return benchmark_of(self.main.task) or "General"

    @property
    def title(self) -> str:
        """The task as people call it."""
        return load_task(self.main.task).alias if is_task(self.main.task) else self.main.title


def sheets(boards: Sequence[Board]) -> list[Sheet]:
    """Put the boards of one task together that differ in nothing but the protocol and what belongs to it."""
    alike: dict[tuple[object, ...], list[Board]] = {}
    for board in boards:
        made = {name: value for name, value in signature_parts(board.signature).items() if name not in OWN_PARTS}
        alike.setdefault((board.task, bool(board.rows), *made.items()), []).append(board)
    return [Sheet(tuple(sorted(group, key=lambda board: not _is_main(board)))) for group in alike.values()]


def _is_main(board: Board) -> bool:
    return is_task(board.task) and board.protocol == load_task(board.task).main_protocol.name


def table(sheet: Sheet, others: Sequence[Sheet], *, public: bool = False) -> dict[str, object]:
    """A sheet as one table; `others` are those of its benchmark, which it may not be compared with.

    A `public` page has no hints for who makes it.
    """
    columns, same = _columns(sheet)
    shown = _shown(sheet, columns)
    rows = {row.run: row for board in sheet.boards for row in board.rows}
    reported = {(row.model, row.source): row for board in sheet.boards for row in board.reported}
    kin = [other.main for other in others]
    return {
        "task": sheet.main.task,
        "title": sheet.title,
        "scope": _scope(sheet.main, public=public),
        "signatures": [[board.protocol, board.signature] for board in sheet.boards if board.signature],
        "differs": unlike(sheet.main, kin).replace("of this task and protocol", "of this task"),
        "notes": _notes(sheet, same, public=public),
        "columns": [
            {"name": metric.name, "protocol": board.protocol, "heading": heading(metric),
             "higher": metric.higher_is_better, "shown": (board.protocol, metric.name) in shown}
            for board, metric in columns
        ],
        "lead": _lead(columns, shown),
        "rows": [_row(sheet, columns, row) for row in rows.values()],
        "reported": [_row(sheet, columns, row) for row in reported.values()],
    }  # fmt: skip


Columns = Sequence[tuple[Board, Metric]]


def _columns(sheet: Sheet) -> tuple[Columns, list[str]]:
    """The columns of all protocols; and the headings of those that are left out as they repeat another's numbers."""
    columns: list[tuple[Board, Metric]] = []
    same: list[str] = []
    for board in sheet.boards:
        for metric in board.columns:
            if any(_repeats(board, metric, *column) for column in columns):
                same.append(f"{metric.label} ({board.protocol})")
            else:
                columns.append((board, metric))
    return columns, same


def _repeats(board: Board, metric: Metric, earlier: Board, other: Metric) -> bool:
    """Whether a column says of every row what an earlier one of the same label says."""
    if board is earlier or (metric.label, metric.higher_is_better) != (other.label, other.higher_is_better):
        return False
    return _texts(board, metric) == _texts(earlier, other)


def _texts(board: Board, metric: Metric) -> dict[tuple[object, ...], tuple[str, str]]:
    return {
        (row.run, row.model, row.source): (cell(board, row, metric), ends(row, metric))
        for row in board.all_rows
        if metric.name in row.values
    }


def _shown(sheet: Sheet, columns: Columns) -> set[tuple[str, str]]:
    """The columns that are shown at first: those that lead, filled up where these are very few."""
    main = [metric for board, metric in columns if board is sheet.main]
    leading = [metric for metric in main if metric.headline or metric.plotted or "judge" in metric.needs]
    chosen = leading[:MOST] + [metric for metric in main if metric not in leading][: max(0, FEWEST - len(leading))]
    return {(sheet.main.protocol, metric.name) for metric in chosen}


def _lead(columns: Columns, shown: set[tuple[str, str]]) -> int:
    """The place of the column that the rows are ranked by; -1 where there is no column."""
    task = columns[0][0].task if columns else ""
    ordering = load_task(task).orders_by if is_task(task) else ""
    shown_places = [n for n, (board, metric) in enumerate(columns) if (board.protocol, metric.name) in shown]
    leading = [n for n in shown_places if columns[n][1].headline]
    by_task = [n for n in leading if plain_name(columns[n][1]) == ordering]
    return next(iter([*by_task, *leading, *shown_places]), -1)


def _scope(board: Board, *, public: bool) -> str:
    if public and board.rows and not board.columns:
        return f"{board.questions} questions; no metric has a value"
    return scope(board)


def _notes(sheet: Sheet, same: Sequence[str], *, public: bool) -> list[str]:
    """The explanations of the marks, and which columns repeat others."""
    notes = dict.fromkeys(note for board in sheet.boards for note in footnotes(board, "±: half of the 95 % interval"))
    repeated = [f"the same numbers as under {sheet.main.protocol}: {', '.join(same)}"] if same else []
    return [*(note.replace(NO_TEST, "") if public else note for note in notes), *repeated]


def _row(sheet: Sheet, columns: Columns, row: Row) -> dict[str, object]:
    rows = {board.protocol: _of_board(board, row) for board in sheet.boards}
    present = [board_row for board_row in rows.values() if board_row is not None]
    open_counts = dict.fromkeys(unanswered(board_row) for board_row in present)
    source = {"source": {"text": row.source.text, "link": row.source.link}} if row.source is not None else {}
    return {
        "model": row.model,
        "run": row.run,
        **({"link": row.link} if row.link else {}),
        "truth": row.sees_truth,
        "unanswered": "; ".join(text for text in open_counts if text != EMPTY),
        "remarks": list(dict.fromkeys(remark for board_row in present for remark in remarks(board_row))),
        "cells": [_cell(board, rows[board.protocol], metric) for board, metric in columns],
        **source,
    }


def _of_board(board: Board, row: Row) -> Row | None:
    """The row's numbers under the board's protocol; None where it has none."""
    alike = (other for other in board.all_rows if (other.run, other.model) == (row.run, row.model))
    return next((other for other in alike if other.source == row.source), None)


def _cell(board: Board, row: Row | None, metric: Metric) -> dict[str, object]:
    if row is None:
        return {"why": f"not scored by the {board.protocol} protocol"}
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


def parts(runs: Sequence[ScoredRun]) -> list[Mapping[str, object]]:
    """Each run's breakdowns by protocol, task and dimension; empty where it was scored without."""
    return [run.scores.to_json().get("breakdowns", {}) for run in runs]
