"""Scores as tables in a terminal: a block for each task, a column for each protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.benchmark.installed import tasks
from sama_bench.score import judge_column
from sama_bench.score.block import Block
from sama_bench.score.scores import Scores, blocks
from sama_bench.score.signature import FORCED_NOTE, is_forced, line
from sama_bench.tables import EMPTY, Column, Look, interval, layout, numbers, percent, print_table
from sama_bench.task import Task

FAULTS_SHOWN = 5
MARK = "‡"


class TaskTable(NamedTuple):
    """The table of one task: a row for each metric with its label and a cell for each protocol, and lines below."""

    title: str
    protocols: tuple[str, ...]
    rows: list[tuple[str, ...]]
    explained: str
    notes: list[str]
    signatures: list[str]


def task_tables(scores: Scores) -> Iterator[TaskTable]:
    """A table for each task that was scored, in percent."""
    for task in tasks():
        if task_blocks := blocks(scores, task.key):
            signatures = [line(scores.made_of(task.key, protocol)) for protocol in task_blocks]
            notes_below = notes(task, task_blocks)
            if any(is_forced(scores.made_of(task.key, protocol)) for protocol in task_blocks):
                notes_below = [*notes_below, FORCED_NOTE]
            yield TaskTable(
                _title(task, task_blocks),
                tuple(task_blocks),
                _cells(task, task_blocks),
                _intervals(task_blocks),
                notes_below,
                signatures,
            )


def print_scores(scores: Scores, console: Console) -> None:
    """Print the means of both tasks in percent, what went unanswered, and the signatures."""
    for table in task_tables(scores):
        if scores.partial is not None:
            console.print(Text(f"{scores.partial}, as the run is still being asked", style="bold yellow"))
        console.print(Text(table.title, style="bold"))
        print_table(_table(table), console)
        if table.explained:
            console.print(Text(table.explained), soft_wrap=True)
        for note in table.notes:
            console.print(Text(note, style="yellow"), soft_wrap=True)
        for signature in table.signatures:
            console.print(Text(signature, style="dim"), soft_wrap=True)
        console.print()


def _title(task: Task, task_blocks: dict[str, Block]) -> str:
    questions = next(iter(task_blocks.values())).questions
    videos = max(len(block.videos) for block in task_blocks.values())
    beyond = [metric.label for metric in task.metrics if metric.bounds[1] > 1]
    also = f" (also {', '.join(dict.fromkeys(beyond))}, which may exceed 100)" if beyond else ""
    return f"{task.alias}: {questions} questions of {videos} videos, percent{also}"


def _table(task_table: TaskTable) -> Table:
    return layout([Column("metric", whole=True), *numbers(task_table.protocols)], task_table.rows, Look.BOXED)


def _cells(task: Task, task_blocks: dict[str, Block]) -> list[tuple[str, ...]]:
    return [
        (label, *(_cell(block, name) for block in task_blocks.values()))
        for name, label in _rows(task).items()
        if any(name in block.mean for block in task_blocks.values())
    ]


def _cell(block: Block, name: str) -> str:
    """A value with its interval, where it has one, so that the brackets stand below each other."""
    if name not in block.mean:
        return EMPTY
    value, ends = percent(block.mean[name]), block.interval.get(name)
    value = f"{value} {MARK}" if name in block.marked else value
    return value if ends is None else f"{value} {interval(ends):>16}"


def _rows(task: Task) -> dict[str, str]:
    """Metric name to its heading: those of the tracks first, then those of the texts, which both protocols have."""
    metrics = {metric.name: metric for metric in task.metrics}
    ordered = sorted(metrics.values(), key=lambda metric: "text" in metric.needs)
    return {metric.name: metric.heading for metric in ordered}


def _intervals(task_blocks: dict[str, Block]) -> str:
    """The meaning of the brackets; '' where there are none."""
    for block in task_blocks.values():
        if block.interval and block.bootstrap:
            bootstrap = block.bootstrap
            level = f"{100 * bootstrap.level:g} % interval"
            return f"[low, high]: {level}, {bootstrap.resamples} resamples of the videos, seed {bootstrap.seed}"
    return ""


def without(reasons: Mapping[str, str], who: str = "") -> list[str]:
    """Metrics that have no value, those of one reason together: `J, F: the model gives no masks`."""
    metrics: dict[str, list[str]] = {}
    for metric, reason in reasons.items():
        metrics.setdefault(reason, []).append(metric)
    return [f"{', '.join(names)}: {who}{reason}" for reason, names in metrics.items()]


def _unanswered(task: Task, task_blocks: dict[str, Block]) -> str:
    """The treatment of questions without an answer: `left out in paper, empty in strict`."""
    return ", ".join(
        f"{protocol.unanswered} in {protocol.name}" for protocol in task.scoring if protocol.name in task_blocks
    )


def open_questions(task: Task, task_blocks: dict[str, Block]) -> list[str]:
    """A line on the questions without an answer, and one on answers that could not be read, where there are any."""
    any_block = next(iter(task_blocks.values()))
    counts = [f"{any_block.missing} without an answer"] if any_block.missing else []
    counts += [f"{any_block.errors} ended in an error"] if any_block.errors else []
    lines = (
        [f"of {any_block.questions} questions {' and '.join(counts)}: {_unanswered(task, task_blocks)}"]
        if counts
        else []
    )
    if any_block.unread:
        lines.append(f"of {any_block.questions} answers {any_block.unread} could not be read, or only in part")
    return lines


def notes(task: Task, task_blocks: dict[str, Block]) -> list[str]:
    """Notes on the numbers: questions without an answer, and texts without a value."""
    lines = open_questions(task, task_blocks)
    for protocol, block in task_blocks.items():
        lines += [f"{protocol} without {lacking}" for lacking in without(block.unavailable)]
        lines += [f"{protocol} without {lacking}" for lacking in without(block.cannot, "the model ")]
        lines += [f"{MARK} {protocol} {name}: {reason}" for name, reason in block.marked.items()]
        lines += judge_column.notes(block.judge) if block.judge is not None else []
    faults = {fault.question_id: fault.reason for block in task_blocks.values() for fault in block.text_faults}
    lines += [f"no text metrics for question {id_}: {reason}" for id_, reason in list(faults.items())[:FAULTS_SHOWN]]
    hidden = len(faults) - FAULTS_SHOWN
    return [*lines, f"no text metrics for {hidden} more questions"] if hidden > 0 else lines
