"""A board: the runs that may stand under each other, for one task and one protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sama_bench.score.signature import line, shared
from sama_bench.task import Metric, load_task
from sama_bench.types import TASKS, TaskName

# What may differ between two rows of one table: who answered, and how much went unanswered.
COUNTS = ("missing", "errors", "unread", "text_errors")


@dataclass(frozen=True)
class ScoredRun:
    """A run with its scores: `scores` is the content of its scores.json; `sees_truth` if its model is shown it."""

    path: Path
    model: str
    scores: Mapping[str, Any]
    sees_truth: bool = False


@dataclass(frozen=True)
class Row:
    """One run's numbers on a board: metric name to fraction; a metric that is undefined for it is absent.

    `intervals` are the ends of the 95 % interval of each value that has one. A run whose model `sees_truth` marks the
    upper end; it is shown and never ranked. `asked` is how the model was asked, '' where that was no choice; `cannot`
    says of metrics why the model has no value, `marked` why a value does not rest on all of the answers.
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


@dataclass(frozen=True)
class Board:
    """Rows whose numbers were made in the same way: `signature` says how. Each row's model was asked in its own."""

    task: TaskName
    protocol: str
    signature: str
    questions: int
    videos: int
    columns: tuple[Metric, ...]
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        """Task and protocol, as a heading."""
        return f"{load_task(self.task).alias}, {self.protocol} protocol"

    def best(self, metric: Metric) -> float | None:
        """The best ranked value of a column; None where fewer than two rows could be it."""
        ranked = [row for row in self.rows if not row.sees_truth]
        values = [row.values[metric.name] for row in ranked if metric.name in row.values]
        if len(values) < 2:
            return None
        return max(values) if metric.higher_is_better else min(values)


def boards(runs: Sequence[ScoredRun]) -> list[Board]:
    """Sort runs into boards, unlike signatures apart: G before C, paper before strict, rows in the order given."""
    found = []
    for task in TASKS:
        for protocol in load_task(task).protocols:
            for signature, alike in _by_signature(runs, task, protocol).items():
                found.append(_board(task, protocol, signature, alike))
    return found


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
    shown = tuple(m for m in load_task(task).columns(protocol) if any(m.name in row.values for row in rows))
    videos = max(len(block["videos"]) for block in blocks)
    return Board(task, protocol, signature, blocks[0]["questions"], videos, shown, tuple(rows))


def _row(run: ScoredRun, block: Mapping[str, Any], asked: str) -> Row:
    counts = {name: block[name] for name in COUNTS if isinstance(block.get(name), int)}
    intervals = {name: (low, high) for name, (low, high) in block.get("interval", {}).items()}
    cannot, marked = block.get("cannot", {}), block.get("marked", {})
    return Row(run.model, str(run.path), dict(block["mean"]), counts, run.sees_truth, intervals, asked, cannot, marked)
