"""A board: the runs that may stand under each other, for one task and one protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sama_bench.leaderboard.rank import NOWHERE, Standing, column
from sama_bench.leaderboard.reported import Reported, Source
from sama_bench.score.signature import line, shared
from sama_bench.task import Metric, load_task
from sama_bench.types import TASKS, TaskName

# What may differ between two rows of one table: who answered, and how much went unanswered.
COUNTS = ("missing", "errors", "unread", "text_errors")


@dataclass(frozen=True)
class ScoredRun:
    """A run with its scores: `scores` is the content of its scores.json; `sees_truth` if its model is shown it.

    `path` is its folder, or only a name where the folder is not at hand, and so the run not `stored`. `link` is where
    to read about the model, '' or an http(s) address.
    """

    path: Path
    model: str
    scores: Mapping[str, Any]
    sees_truth: bool = False
    stored: bool = True
    link: str = ""


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

    @property
    def title(self) -> str:
        """Task and protocol, as a heading."""
        others = "" if self.rows else ", reported by others"
        return f"{load_task(self.task).alias}, {self.protocol} protocol{others}"

    @property
    def scope(self) -> str:
        """How much the numbers rest on, and their unit."""
        if not self.rows:
            return "percent; how these numbers were made is not known"
        return f"{self.questions} questions of {self.videos} videos, percent"

    @property
    def all_rows(self) -> tuple[Row, ...]:
        """The rows that were measured, then those that were reported."""
        return self.rows + self.reported

    def standing(self, row: Row, metric: Metric) -> Standing:
        """Where one of the board's rows stands in one of its columns."""
        return self._standings.get((id(row), metric.name), NOWHERE)

    @cached_property
    def _standings(self) -> Mapping[tuple[int, str], Standing]:
        """By row and column; a row is known by its identity, as it cannot be hashed, and lives as long as the board."""
        found = {metric.name: column(self.rows, metric) for metric in self.columns}
        return {(id(row), name): one for name, own in found.items() for row, one in zip(self.rows, own, strict=True)}


def boards(runs: Sequence[ScoredRun], reported: Sequence[Reported] = ()) -> list[Board]:
    """Sort runs into boards, unlike signatures apart: G before C, paper before strict, rows in the order given.

    Reported numbers join the board of their task and protocol if there is one. With none or several, whose signatures
    differ, nobody can say to which they would belong: they stand on a board of their own.
    """
    found = []
    for task in TASKS:
        for protocol in load_task(task).protocols:
            alike = _by_signature(runs, task, protocol).items()
            measured = [_board(task, protocol, signature, own) for signature, own in alike]
            others = tuple(_others(one) for one in reported if (one.task, one.protocol) == (task, protocol))
            if others and len(measured) != 1:
                measured.append(Board(task, protocol, "", 0, 0, (), ()))
            found += [*measured[:-1], _with(measured[-1], others)] if measured else []
    return found


def _with(board: Board, reported: tuple[Row, ...]) -> Board:
    """The board with rows of others below its own, and a column for whatever any row has."""
    rows = board.rows + reported
    columns = load_task(board.task).columns(board.protocol)
    shown = tuple(metric for metric in columns if any(metric.name in row.values for row in rows))
    return replace(board, columns=shown, reported=reported)


def _others(entry: Reported) -> Row:
    return Row(entry.model, "", entry.values, {}, source=entry.source)


def _by_signature(runs: Iterable[ScoredRun], task: TaskName, protocol: str) -> dict[str, list[ScoredRun]]:
    alike: dict[str, list[ScoredRun]] = {}
    for run in runs:
        if task in run.scores["protocols"].get(protocol, {}):
            alike.setdefault(line(shared(run.scores["signature"][protocol][task])), []).append(run)
    return alike


def _board(task: TaskName, protocol: str, signature: str, runs: Sequence[ScoredRun]) -> Board:
    blocks = [run.scores["protocols"][protocol][task] for run in runs]
    asked = [run.scores["signature"][protocol][task].get("asked") or "" for run in runs]
    rows = [_row(run, block, how) for run, block, how in zip(runs, blocks, asked, strict=True)]
    videos = max(len(block["videos"]) for block in blocks)
    return _with(Board(task, protocol, signature, blocks[0]["questions"], videos, (), tuple(rows)), ())


def _row(run: ScoredRun, block: Mapping[str, Any], asked: str) -> Row:
    counts = {name: block[name] for name in COUNTS if isinstance(block.get(name), int)}
    intervals = {name: (low, high) for name, (low, high) in block.get("interval", {}).items()}
    cannot, marked = block.get("cannot", {}), block.get("marked", {})
    told = (run.sees_truth, intervals, asked, cannot, marked)
    return Row(run.model, str(run.path), dict(block["mean"]), counts, *told, link=run.link)
