"""A board: the runs that may stand under each other, for one task and one protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from sama_bench.benchmark.installed import load_task, tasks
from sama_bench.leaderboard.columns import own_columns, plain_name
from sama_bench.leaderboard.rank import NOWHERE, Standing, column
from sama_bench.leaderboard.reported import Reported, Source
from sama_bench.metric import Metric, common_signature
from sama_bench.protocol import Protocol
from sama_bench.run.names import Named
from sama_bench.score.block import Block
from sama_bench.score.scores import Scores
from sama_bench.score.signature import line, shared
from sama_bench.types import TaskName

T = TypeVar("T")


@dataclass(frozen=True)
class ScoredRun:
    """A run with its scores; `sees_truth` if its model is shown the truth.

    `path` is its folder, or only a name where the folder is not here, and so the run not `stored`. `link` is where
    to read about the model, '' or an http(s) address. `model` is what the run is called in tables; `named` is what
    that was made of, where it is of this machine.
    """

    path: Path
    model: str
    scores: Scores
    sees_truth: bool = False
    stored: bool = True
    link: str = ""
    named: Named | None = None


@dataclass(frozen=True)
class Row:
    """One run's numbers on a board: metric name to fraction; a metric that is undefined for it is absent.

    `intervals` are the ends of the 95 % interval of each value that has one. A run whose model `sees_truth` marks the
    upper end; it is shown and never ranked. `asked` is how the model was asked, '' where that was no choice; `cannot`
    says of metrics why the model has no value, `marked` why a value does not rest on all of the answers. What others
    reported has a `source`, no run, and is never ranked.
    """

    model: str
    run: str
    values: Mapping[str, float]
    counts: Mapping[str, int]
    sees_truth: bool = False
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    asked: str = ""
    cannot: Mapping[str, str] = field(default_factory=dict)
    marked: Mapping[str, str] = field(default_factory=dict)
    source: Source | None = None
    link: str = ""


@dataclass(frozen=True)
class Board:
    """Rows whose numbers were made in the same way: `signature` says how. Each row's model was asked in its own.

    Where a metric was made in several ways (with another phrase similarity, by another judge) each way has a column of
    its own: `ways` has the parts of the signature that say which, by the column's name.

    `reported` are numbers of others for the same task and protocol, made in a way that nobody here knows. A board of
    those alone has no rows, no signature, and 0 questions and videos.
    """

    task: TaskName
    protocol: str
    signature: str
    questions: int
    videos: int
    columns: tuple[Metric, ...]
    rows: tuple[Row, ...]
    reported: tuple[Row, ...] = ()
    ways: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def signature_of(self, metric: Metric) -> str:
        """The signature of a column's numbers: the board's signature with the column's own parts."""
        way = self.ways.get(metric.name)
        return f"{self.signature}|{line(way)}" if way else self.signature

    @property
    def title(self) -> str:
        """Task and protocol, as a heading."""
        others = "" if self.rows else ", reported by others"
        return f"{load_task(self.task).alias}, {self.protocol} protocol{others}"

    @property
    def scope(self) -> str:
        """The number of questions and videos that the numbers rest on, and their unit."""
        if not self.rows:
            return "percent; how these numbers were made is not known"
        if not self.columns:  # their truth is not there, or no model here can do it: `score RUN` says why
            return f"{self.questions} questions; no metric has a value, sama-bench score RUN says why"
        return f"{self.questions} questions of {self.videos} videos, percent"

    @property
    def all_rows(self) -> tuple[Row, ...]:
        """The rows that were measured, then those that were reported."""
        return self.rows + self.reported

    def standing(self, row: Row, metric: Metric) -> Standing:
        """The place of one of the board's rows in one of its columns."""
        return self._standings.get((id(row), metric.name), NOWHERE)

    @cached_property
    def _standings(self) -> Mapping[tuple[int, str], Standing]:
        """By row and column; a row is known by its identity, as it cannot be hashed, and lives as long as the board."""
        standings = {metric.name: column(self.rows, metric) for metric in self.columns}
        return {
            (id(row), name): standing
            for name, column_standings in standings.items()
            for row, standing in zip(self.rows, column_standings, strict=True)
        }


def boards(runs: Sequence[ScoredRun], reported: Sequence[Reported] = ()) -> list[Board]:
    """Sort runs into boards, apart where what all metrics depend on is unlike: G before C, paper before strict.

    Rows stand in the order given.

    Reported numbers join the board of their task and protocol if there is one. With none or several, whose signatures
    differ, nobody can say to which they would belong: they stand on a board of their own.
    """
    all_boards = []
    for task in tasks():
        for protocol in task.scoring:
            alike = _by_signature(runs, task.key, protocol.name)
            measured = [_board(task.key, protocol, group) for group in alike]
            others = tuple(
                _others(entry) for entry in reported if (entry.task, entry.protocol) == (task.key, protocol.name)
            )
            if others and len(measured) != 1:
                measured.append(Board(task.key, protocol.name, "", 0, 0, (), ()))
            all_boards += [*measured[:-1], _with(measured[-1], others)] if measured else []
    return all_boards


def _with(board: Board, reported: tuple[Row, ...]) -> Board:
    """The board with rows of others below its own, and a column for whatever any row has."""
    rows = board.rows + reported
    known = {metric.name for metric in board.columns}
    declared = load_task(board.task).columns(board.protocol)
    order = {metric.name: place for place, metric in enumerate(declared)}
    metrics = [*board.columns, *(metric for metric in declared if metric.name not in known)]
    metrics.sort(key=lambda metric: order[plain_name(metric)])
    columns_with_values = tuple(metric for metric in metrics if any(metric.name in row.values for row in rows))
    return replace(board, columns=columns_with_values, reported=reported)


def _others(entry: Reported) -> Row:
    return Row(entry.model, "", entry.values, {}, source=entry.source)


def _by_signature(runs: Iterable[ScoredRun], task: TaskName, protocol: str) -> list[list[ScoredRun]]:
    """Runs that were scored for it, together where all parts agree that all metrics depend on."""
    alike: dict[str, list[ScoredRun]] = {}
    for run in runs:
        if run.scores.block(task, protocol) is not None:
            alike.setdefault(line(common_signature(run.scores.made_of(task, protocol))), []).append(run)
    return list(alike.values())


def _board(task: TaskName, protocol: Protocol, runs: Sequence[ScoredRun]) -> Board:
    made_of = [run.scores.made_of(task, protocol.name) for run in runs]
    blocks = [run.scores.protocols[protocol.name][task] for run in runs]
    columns = own_columns(protocol.metrics, made_of, blocks)
    rows = [
        _row(run, block, str(signature.get("asked") or ""), names)
        for run, block, signature, names in zip(runs, blocks, made_of, columns.names, strict=True)
    ]
    signature = line({part: value for part, value in shared(made_of[0]).items() if part not in columns.split})
    videos = max(len(block.videos) for block in blocks)
    board = Board(
        task, protocol.name, signature, blocks[0].questions, videos, columns.metrics, tuple(rows), (), columns.ways
    )
    return _with(board, ())


def _row(run: ScoredRun, block: Block, wording: str, names: Mapping[str, str]) -> Row:
    """A run's row; `names` are those of the board's columns by metric."""
    all_counts = {
        "missing": block.missing,
        "errors": block.errors,
        "unread": block.unread or None,
        "text_errors": block.text_errors,
    }
    counts = {name: count for name, count in all_counts.items() if count is not None}

    def with_column_names(values: Mapping[str, T]) -> dict[str, T]:
        return {names.get(name, name): value for name, value in values.items()}

    return Row(
        run.model,
        str(run.path),
        with_column_names(block.mean),
        counts,
        run.sees_truth,
        with_column_names(block.interval),
        wording,
        with_column_names(block.cannot),
        with_column_names(block.marked),
        link=run.link,
    )
