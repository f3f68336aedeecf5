"""Scores as tables in a terminal: a block for each task, a column for each protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.benchmark.installed import tasks
from sama_bench.console import print_table
from sama_bench.score import judge_column
from sama_bench.score.block import Block
from sama_bench.score.scores import Scores, blocks
from sama_bench.score.signature import line
from sama_bench.task import Task

FAULTS_SHOWN = 5
MARK = "‡"


class TaskTable(NamedTuple):
    """What is shown of one task: a row for each metric with its label and a cell for each protocol, and lines below."""

    title: str
    protocols: tuple[str, ...]
    rows: list[tuple[str, ...]]
    explained: str
    notes: list[str]
    signatures: list[str]


def task_tables(scores: Scores) -> Iterator[TaskTable]:
    """A table for each task that was scored, in percent."""
    for task in tasks():
        if found := blocks(scores, task.key):
            signatures = [line(scores.made_of(task.key, protocol)) for protocol in found]
            told = notes(task, found)
            yield TaskTable(
                _title(task, found),
                tuple(found),
                _cells(task, found),
                _intervals(found),
                told,
                signatures,
            )


def print_scores(scores: Scores, console: Console) -> None:
    """Print the means of both tasks in percent, what went unanswered, and the signatures."""
    for shown in task_tables(scores):
        if scores.partial is not None:
            console.print(Text(f"{scores.partial}, as the run is still being asked", style="bold yellow"))
        console.print(Text(shown.title, style="bold"))
        print_table(_table(shown), console)
        if shown.explained:
            console.print(Text(shown.explained), soft_wrap=True)
        for note in shown.notes:
            console.print(Text(note, style="yellow"), soft_wrap=True)
        for signature in shown.signatures:
            console.print(Text(signature, style="dim"), soft_wrap=True)
        console.print()


def _title(task: Task, found: dict[str, Block]) -> str:
    questions = next(iter(found.values())).questions
    videos = max(len(block.videos) for block in found.values())
    beyond = [metric.label for metric in task.metrics if metric.bounds[1] > 1]
    also = f" (also {', '.join(dict.fromkeys(beyond))}, which may exceed 100)" if beyond else ""
    return f"{task.alias}: {questions} questions of {videos} videos, percent{also}"


def _table(shown: TaskTable) -> Table:
    table = Table()
    table.add_column("metric", no_wrap=True)
    for protocol in shown.protocols:
        table.add_column(protocol, justify="right", no_wrap=True)
    for label, *cells in shown.rows:
        table.add_row(label, *map(Text, cells))
    return table


def _cells(task: Task, found: dict[str, Block]) -> list[tuple[str, ...]]:
    return [
        (label, *(_cell(block, name) for block in found.values()))
        for name, label in _rows(task).items()
        if any(name in block.mean for block in found.values())
    ]


def _cell(block: Block, name: str) -> str:
    """A value with its interval, where it has one, so that the brackets stand below each other."""
    if name not in block.mean:
        return "–"
    value, interval = f"{100 * block.mean[name]:.2f}", block.interval.get(name)
    value = f"{value} {MARK}" if name in block.marked else value
    if interval is None:
        return value
    ends = f"[{100 * interval[0]:.2f}, {100 * interval[1]:.2f}]"
    return f"{value} {ends:>16}"


def _rows(task: Task) -> dict[str, str]:
    """Metric name to its heading: those of the tracks first, then those of the texts, which both protocols have."""
    metrics = {metric.name: metric for metric in task.metrics}
    ordered = sorted(metrics.values(), key=lambda metric: "text" in metric.needs)
    return {metric.name: metric.heading for metric in ordered}


def _intervals(found: dict[str, Block]) -> str:
    """What the brackets are; '' where there are none."""
    for block in found.values():
        if block.interval and block.bootstrap:
            level, how = 100 * block.bootstrap.level, block.bootstrap
            return f"[low, high]: {level:g} % interval, {how.resamples} resamples of the videos, seed {how.seed}"
    return ""


def without(reasons: Mapping[str, str], who: str = "") -> list[str]:
    """Metrics that have no value, those of one reason together: `J, F: the model gives no masks`."""
    metrics: dict[str, list[str]] = {}
    for metric, reason in reasons.items():
        metrics.setdefault(reason, []).append(metric)
    return [f"{', '.join(names)}: {who}{reason}" for reason, names in metrics.items()]


def _unanswered(task: Task, found: dict[str, Block]) -> str:
    """What becomes of questions without an answer: `left out in paper, empty in strict`."""
    return ", ".join(f"{one.unanswered} in {one.name}" for one in task.scoring if one.name in found)


def notes(task: Task, found: dict[str, Block]) -> list[str]:
    """What a reader of the numbers has to know: what has no answer, and which texts have no value."""
    one = next(iter(found.values()))
    counts = [f"{one.missing} without an answer"] if one.missing else []
    counts += [f"{one.errors} ended in an error"] if one.errors else []
    told = [f"of {one.questions} questions {' and '.join(counts)}: {_unanswered(task, found)}"] if counts else []
    if one.unread:
        told.append(f"of {one.questions} answers {one.unread} could not be read, or only in part")
    for protocol, block in found.items():
        told += [f"{protocol} without {told}" for told in without(block.unavailable)]
        told += [f"{protocol} without {told}" for told in without(block.cannot, "the model ")]
        told += [f"{MARK} {protocol} {name}: {why}" for name, why in block.marked.items()]
        told += judge_column.notes(block.judge) if block.judge is not None else []
    faults = {fault.question_id: fault.reason for block in found.values() for fault in block.text_faults}
    told += [f"no text metrics for question {id_}: {reason}" for id_, reason in list(faults.items())[:FAULTS_SHOWN]]
    rest = len(faults) - FAULTS_SHOWN
    return [*told, f"no text metrics for {rest} more questions"] if rest > 0 else told
