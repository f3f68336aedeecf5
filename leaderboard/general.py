"""Scores of general benchmarks, which lmms-eval made, as boards like all others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sama_bench.leaderboard.board import Board, Row
from sama_bench.lmms.general.record import Failed, Record, Scored, Value
from sama_bench.lmms.general.suites import PAPER, percent, suite
from sama_bench.lmms.general.task_scores import DEFAULT
from sama_bench.metric import Metric

# What stands where the other boards have their task and protocol.
TASK = "general"
PROTOCOL = "lmms-eval"


@dataclass(frozen=True)
class GeneralRun:
    """What a model reached: `path` is the folder of its `record`."""

    path: Path
    model: str
    record: Record


@dataclass(frozen=True)
class GeneralBoard(Board):
    """A column for each metric of lmms-eval's tasks, named `task/metric`. A value is a hundredth of what is shown."""

    @property
    def title(self) -> str:
        """What the table is."""
        return "General understanding, by lmms-eval"

    @property
    def scope(self) -> str:
        """How much the numbers rest on, and on which scale they are."""
        return f"{self.questions} questions, percent where nothing else is said"


def general_boards(runs: Sequence[GeneralRun]) -> list[GeneralBoard]:
    """Put models under each other, each into the first board with which none of its tasks is at odds.

    So a column holds numbers of one signature alone: the same version of lmms-eval, limit, questions, wording, and way
    to generate. A model that lacks a task has an empty cell there, with the reason if it failed.
    """
    groups: list[tuple[dict[str, str], list[GeneralRun]]] = []
    for run in runs:
        mine = signature(run.record)
        fits = (one for one in groups if all(one[0].get(name, said) == said for name, said in mine.items()))
        common, members = next(fits, ({}, []))
        if not members:
            groups.append((common, members))
        common.update(mine)
        members.append(run)
    return [_board(common, members) for common, members in groups]


def signature(record: Record) -> dict[str, str]:
    """lmms-eval's version, the limit, and of each task its version, number of questions, and definition."""
    limit = "none" if record.settings.limit is None else str(record.settings.limit)
    tasks = {name: f"{one.version},{one.questions},{one.definition}" for name, one in _scored(record)}
    return {PROTOCOL: record.settings.lmms_eval, "limit": limit, **tasks}


def _scored(record: Record) -> Iterator[tuple[str, Scored]]:
    return ((name, one) for name, one in record.tasks.items() if isinstance(one, Scored))


def _board(common: Mapping[str, str], members: Sequence[GeneralRun]) -> GeneralBoard:
    tasks = _tasks(members)
    columns = tuple(dict.fromkeys(metric for name, found in tasks.items() for metric in _metrics(name, found)))
    return GeneralBoard(
        task=TASK,
        protocol=PROTOCOL,
        signature="|".join(f"{name}:{said}" for name, said in common.items()),
        questions=sum(found[0].questions for found in tasks.values()),
        videos=0,
        columns=columns,
        rows=tuple(_row(one, columns) for one in members),
    )


def _tasks(members: Sequence[GeneralRun]) -> dict[str, list[Scored]]:
    """What each task gave, by task: those of the paper's suite first, in its order."""
    found: dict[str, list[Scored]] = {entry.task: [] for entry in suite(PAPER)}
    for member in members:
        for name, one in _scored(member.record):
            found.setdefault(name, []).append(one)
    return {name: some for name, some in found.items() if some}


def _metrics(task: str, found: Sequence[Scored]) -> Iterator[Metric]:
    for one in found:
        for value in one.values:
            yield Metric(PROTOCOL, _column(task, value.metric), value.label, value.higher_is_better)


def _column(task: str, metric: str) -> str:
    return f"{task}/{metric}"


def _row(run: GeneralRun, columns: Sequence[Metric]) -> Row:
    scored = dict(_scored(run.record))
    values = {_column(name, one.metric): _hundredth(one) for name, found in scored.items() for one in found.values}
    errors = {name: found for name, found in scored.items() if found.errors}
    return Row(
        run.model,
        str(run.path),
        values,
        {"errors": sum(found.errors for found in errors.values())},
        asked=_wording(scored),
        cannot=_cannot(run.record, columns),
        marked={_column(name, one.metric): _wrong(found) for name, found in errors.items() for one in found.values},
    )


def _hundredth(value: Value) -> float:
    return percent(value.value, value.scale) / 100


def _wrong(found: Scored) -> str:
    return f"{found.errors} of {found.questions} answers failed and count as wrong"


def _wording(scored: Mapping[str, Scored]) -> str:
    """Which tasks have words of their own for the model: lmms-eval's signature of a task is that of its usual words."""
    own = {name: found.prompt for name, found in scored.items() if found.prompt != DEFAULT}
    return f"in lmms-eval's words for {', '.join(dict.fromkeys(own.values()))}: {', '.join(own)}" if own else ""


def _cannot(record: Record, columns: Sequence[Metric]) -> dict[str, str]:
    """Why a task has no value, for each of its columns; where there is none, for the task."""
    reasons: dict[str, str] = {}
    for name, found in record.tasks.items():
        if isinstance(found, Failed):
            own = [one.name for one in columns if one.name.startswith(_column(name, ""))]
            reasons |= dict.fromkeys(own or [name], f"failed ({found.reason})")
        else:
            reasons |= {_column(name, metric): f"has none ({why})" for metric, why in found.lacking.items()}
    return reasons
