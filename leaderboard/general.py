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
    """A model's general scores: `path` is the folder of its `record`."""

    path: Path
    model: str
    record: Record


@dataclass(frozen=True)
class GeneralBoard(Board):
    """A column for each metric of lmms-eval's tasks, named `task/metric`. A value is a hundredth of what is shown."""

    @property
    def title(self) -> str:
        """The table's title."""
        return "General understanding, by lmms-eval"

    @property
    def scope(self) -> str:
        """The number of questions that the numbers rest on, and their scale."""
        return f"{self.questions} questions, percent where nothing else is said"


def general_boards(runs: Sequence[GeneralRun]) -> list[GeneralBoard]:
    """Put models under each other, each into the first board with which none of its tasks is at odds.

    So a column holds numbers of one signature alone: the same version of lmms-eval, limit, questions, wording, and way
    to generate. A model that lacks a task has an empty cell there, with the reason if it failed.
    """
    groups: list[tuple[dict[str, str], list[GeneralRun]]] = []
    for run in runs:
        run_signature = signature(run.record)
        fits = (
            group
            for group in groups
            if all(group[0].get(name, value) == value for name, value in run_signature.items())
        )
        common, members = next(fits, ({}, []))
        if not members:
            groups.append((common, members))
        common.update(run_signature)
        members.append(run)
    return [_board(common, members) for common, members in groups]


def signature(record: Record) -> dict[str, str]:
    """lmms-eval's version, the limit, and of each task its version, number of questions, and definition."""
    limit = "none" if record.settings.limit is None else str(record.settings.limit)
    tasks = {name: f"{scored.version},{scored.questions},{scored.definition}" for name, scored in _scored(record)}
    return {PROTOCOL: record.settings.lmms_eval, "limit": limit, **tasks}


def _scored(record: Record) -> Iterator[tuple[str, Scored]]:
    return ((name, outcome) for name, outcome in record.tasks.items() if isinstance(outcome, Scored))


def _board(common: Mapping[str, str], members: Sequence[GeneralRun]) -> GeneralBoard:
    tasks = _tasks(members)
    columns = tuple(
        dict.fromkeys(metric for name, scored_runs in tasks.items() for metric in _metrics(name, scored_runs))
    )
    return GeneralBoard(
        task=TASK,
        protocol=PROTOCOL,
        signature="|".join(f"{name}:{value}" for name, value in common.items()),
        questions=sum(scored_runs[0].questions for scored_runs in tasks.values()),
        videos=0,
        columns=columns,
        rows=tuple(_row(member, columns) for member in members),
    )


def _tasks(members: Sequence[GeneralRun]) -> dict[str, list[Scored]]:
    """The scores of all members by task: the tasks of the paper's suite first, in its order."""
    by_task: dict[str, list[Scored]] = {entry.task: [] for entry in suite(PAPER)}
    for member in members:
        for name, scored in _scored(member.record):
            by_task.setdefault(name, []).append(scored)
    return {name: scored_runs for name, scored_runs in by_task.items() if scored_runs}


def _metrics(task: str, scored_runs: Sequence[Scored]) -> Iterator[Metric]:
    for scored in scored_runs:
        for value in scored.values:
            yield Metric(PROTOCOL, _column(task, value.metric), value.label, value.higher_is_better)


def _column(task: str, metric: str) -> str:
    return f"{task}/{metric}"


def _row(run: GeneralRun, columns: Sequence[Metric]) -> Row:
    scored = dict(_scored(run.record))
    values = {
        _column(name, value.metric): _hundredth(value)
        for name, task_scores in scored.items()
        for value in task_scores.values
    }
    errors = {name: task_scores for name, task_scores in scored.items() if task_scores.errors}
    return Row(
        run.model,
        str(run.path),
        values,
        {"errors": sum(task_scores.errors for task_scores in errors.values())},
        asked=_wording(scored),
        cannot=_cannot(run.record, columns),
        marked={
            _column(name, value.metric): _wrong(task_scores)
            for name, task_scores in errors.items()
            for value in task_scores.values
        },
    )


def _hundredth(value: Value) -> float:
    return percent(value.value, value.scale) / 100


def _wrong(scored: Scored) -> str:
    return f"{scored.errors} of {scored.questions} answers failed and count as wrong"


def _wording(scored: Mapping[str, Scored]) -> str:
    """The tasks whose words for the model are not lmms-eval's usual ones; its signature of a task leaves these out."""
    prompts = {name: task_scores.prompt for name, task_scores in scored.items() if task_scores.prompt != DEFAULT}
    return (
        f"in lmms-eval's words for {', '.join(dict.fromkeys(prompts.values()))}: {', '.join(prompts)}"
        if prompts
        else ""
    )


def _cannot(record: Record, columns: Sequence[Metric]) -> dict[str, str]:
    """The reason for each column without a value; where the task has no columns, by task."""
    reasons: dict[str, str] = {}
    for name, outcome in record.tasks.items():
        if isinstance(outcome, Failed):
            task_columns = [metric.name for metric in columns if metric.name.startswith(_column(name, ""))]
            reasons |= dict.fromkeys(task_columns or [name], f"failed ({outcome.reason})")
        else:
            reasons |= {_column(name, metric): f"has none ({reason})" for metric, reason in outcome.lacking.items()}
    return reasons
