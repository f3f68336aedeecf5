"""A run's headline numbers in a few lines: what commands that score print unless they are asked for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.benchmark.installed import tasks
from sama_bench.metric import Metric, shown_first
from sama_bench.score import judge_column
from sama_bench.score.block import Block
from sama_bench.score.scores import Scores, blocks
from sama_bench.score.signature import FORCED_NOTE, is_forced, line
from sama_bench.score.table import MARK, open_questions
from sama_bench.tables import EMPTY, interval, percent, print_table
from sama_bench.task import Task

MISSING = "not computed:"
NO_RUN = "only runs are judged; of answers sama-bench import makes one"
SHORT = ("benchmark", "version")  # parts of a signature that are the same for all tasks of a run


class TaskHeadlines(NamedTuple):
    """The headline numbers of one task under its main protocol, or the last that there is."""

    task: Task
    protocol: str
    block: Block
    metrics: tuple[Metric, ...]


def headlines(scores: Scores) -> list[TaskHeadlines]:
    """The headline metrics of each task that was scored, and what a judge said."""
    chosen = []
    for task in tasks():
        if not (task_blocks := blocks(scores, task.key)):
            continue
        main = task.main_protocol.name
        protocol = main if main in task_blocks else list(task_blocks)[-1]
        block, declared = task_blocks[protocol], task.columns(protocol)
        shown = shown_first([metric for metric in declared if metric.headline or metric.name in block.mean])
        chosen.append(TaskHeadlines(task, protocol, block, tuple(shown)))
    return chosen


def print_headlines(scores: Scores, console: Console, run: str | None = None, whole: str = "--json") -> None:
    """Print the headline numbers with their intervals, what is missing in a line, and where all the rest is.

    `run` stands in the commands that bring what is missing; None where the answers are no run. `whole` says where the
    whole signatures are.
    """
    chosen = headlines(scores)
    if scores.partial is not None:
        console.print(Text(f"{scores.partial}, as the run is still being asked", style="bold yellow"))
    for entry in chosen:
        videos = len(entry.block.videos)
        title = f"{entry.task.alias}: {entry.block.questions} questions of {videos} videos, {entry.protocol} protocol"
        console.print(Text(f"{title}, percent", style="bold"))
        print_table(_table(entry), console)
        made_of = scores.made_of(entry.task.key, entry.protocol)
        for note in _notes(entry, blocks(scores, entry.task.key), made_of):
            console.print(Text(note, style="yellow"))
    for text in _end(scores, chosen, run, whole):
        # A line with a command is wrapped by the terminal alone, so that it can be copied.
        console.print(Text(text, style="dim"), soft_wrap=text.startswith(MISSING))


def _table(entry: TaskHeadlines) -> Table:
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False, show_edge=False, padding=(0, 1, 0, 1))
    table.add_column("metric")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("interval", justify="right", no_wrap=True)
    rows = [_row(entry.block, metric) for metric in entry.metrics]
    said = 4 if any(row[-1] for row in rows) else 3
    if said == len(rows[0]):
        table.add_column("why", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row[:said]))
    return table


def _row(block: Block, metric: Metric) -> tuple[str, str, str, str]:
    if metric.name not in block.mean:
        reason = block.cannot.get(metric.name)
        return metric.heading, EMPTY, "", f"the model {reason}" if reason else block.unavailable.get(metric.name, "")
    ends = block.interval.get(metric.name)
    why = f"{MARK} {block.marked[metric.name]}" if metric.name in block.marked else ""
    return metric.heading, percent(block.mean[metric.name]), "" if ends is None else interval(ends), why


def _notes(entry: TaskHeadlines, task_blocks: dict[str, Block], made_of: Mapping[str, object]) -> Iterator[str]:
    """What has to be known of these numbers: open questions, what could not be read, what a judge left out."""
    yield from open_questions(entry.task, task_blocks)
    faults = {fault.question_id for block in task_blocks.values() for fault in block.text_faults}
    if faults:
        yield f"no text metrics for {len(faults)} questions (--all names them)"
    if entry.block.judge is not None:
        yield from judge_column.notes(entry.block.judge)
    if is_forced(made_of):
        yield FORCED_NOTE


def _end(scores: Scores, chosen: list[TaskHeadlines], run: str | None, whole: str) -> Iterator[str]:
    """The legend, what is missing with the way to get it, what else there is, and how the numbers were made."""
    bootstrap = next((entry.block.bootstrap for entry in chosen if entry.block.interval), None)
    if bootstrap is not None:
        yield f"[low, high]: {100 * bootstrap.level:g} % interval over the videos"
    ways: dict[str, list[str]] = {}
    for entry in chosen:
        labels = {metric.name: metric.label for metric in entry.task.columns(entry.protocol)}
        for name, reason in entry.block.unavailable.items():
            way = reason.rpartition(": ")[2]
            if "judge RUN " in way:
                way = NO_RUN if run is None else way.replace("judge RUN ", f"judge {run} ")
            ways.setdefault(way, []).append(labels.get(name, name))
    yield from (f"{MISSING} {', '.join(dict.fromkeys(names))}: {way}" for way, names in ways.items())
    shown = sum(metric.name in entry.block.mean for entry in chosen for metric in entry.metrics)
    others = sum(len(block.mean) for by_task in scores.protocols.values() for block in by_task.values()) - shown
    protocols = ", ".join(scores.protocols)
    if others:
        yield f"{others} more numbers (protocols {protocols}): --all"
    made_of = [scores.made_of(entry.task.key, entry.protocol) for entry in chosen]
    if made_of and made_of[0]:
        short = {part: value for part, value in made_of[0].items() if part in SHORT}
        yield f"signature {line(short)} (whole: {whole})"
