"""A judge's verdicts on a run, and what they would cost, as tables in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.benchmark.installed import load_task, task_keys
from sama_bench.console import print_table
from sama_bench.judge.agreement import Agreement
from sama_bench.judge.estimate import Estimate
from sama_bench.judge.judge_config import JudgeConfig
from sama_bench.types import Key
from sama_bench.verdicts.judge_result import Judged

EMPTY = "–"


def print_judged(judged: Judged, answered: Sequence[Key], console: Console) -> None:
    """Print for each task how many of the `answered` questions were judged, means of the scores, and what is odd."""
    table = Table()
    table.add_column("", no_wrap=True)
    tasks = {task: [key for key in answered if key.task == task] for task in task_keys()}
    summaries = {task: judged.summary(keys) for task, keys in tasks.items() if keys}
    for task in summaries:
        table.add_column(load_task(task).alias, justify="right")
    for label, values in _rows(judged, tasks, summaries).items():
        table.add_row(Text(label), *(Text(values.get(task, EMPTY)) for task in summaries))
    console.print(Text(f"{judged.column}: {judged.label}", style="bold"), soft_wrap=True)
    print_table(table, console)
    console.print(Text("scores: means over the questions, those in the table of sama-bench score over the videos"))
    for task, found in summaries.items():
        for reason, count in found.get("reasons", {}).items():
            console.print(Text(f"{load_task(task).alias}: {count} unscored: {reason}", style="yellow"), soft_wrap=True)


def _rows(
    judged: Judged, tasks: Mapping[Any, Sequence[Key]], summaries: Mapping[Any, Mapping[str, Any]]
) -> dict[str, dict[Any, str]]:
    """Label to the task's cell; a row that no task has is absent."""
    rows: dict[str, dict[Any, str]] = {}
    for task, found in summaries.items():
        cells = {"answers": str(found["of"]), "judged": str(found["judged"]), "unscored": str(found["unscored"])}
        scores = [value for key in tasks[task] if (value := judged.value(key)) is not None]
        if scores:
            cells[f"{judged.column}, percent"] = f"{100 * sum(scores) / len(scores):.2f}"
        for name, value in found["parts"].items():
            cells[f"{name} {_direction(judged, name)}, of {judged.about['scores'][name]:g}"] = f"{value:.2f}"
        if "spread" in found:
            cells["samples differ by (standard deviation), percent"] = f"{100 * found['spread']:.2f}"
        if "quotes" in found:
            cells["quotes that are not in the answer"] = f"{found['quotes']['not_found']} of {found['quotes']['given']}"
        for label, cell in cells.items():
            rows.setdefault(label, {})[task] = cell
    return rows


def _direction(judged: Judged, name: str) -> str:
    return "↓" if name in judged.about["lower_is_better"] else "↑"


def print_estimate(found: Estimate, judging: JudgeConfig, usd: float | None, console: Console) -> None:
    """Print what judging would take; `usd` is what it would cost, None where the model's price is not known."""
    table = Table(show_header=False)
    rows = {
        "requests": f"{found.requests}",
        "replies in the cache": f"{found.cached}",
        "empty answers, not asked about": f"{found.empty}",
        "tokens sent, about": f"{found.tokens_in}",
        "tokens replied, about": f"{found.tokens_out}, at most {found.requests * judging.template.head.max_tokens}",
        "cost, about": "unknown: the price table has no such model" if usd is None else _dollars(usd),
    }
    for label, value in rows.items():
        table.add_row(Text(label), Text(value))
    console.print(Text(f"{judging.model} with {judging.template.label}, nothing was sent", style="bold"))
    print_table(table, console)


def _dollars(usd: float) -> str:
    return f"${usd:.2f}" if usd >= 1 else f"${usd:.4f}"


def print_agreement(found: Agreement, console: Console) -> None:
    """Print each measure of agreement with its interval, and on how many questions it rests."""
    table = Table()
    for heading in ("measure", "value", "95 % interval"):
        table.add_column(heading, justify="left" if heading == "measure" else "right")
    for one in found.measures:
        ends = EMPTY if one.interval is None else f"[{one.interval[0]:.3f}, {one.interval[1]:.3f}]"
        table.add_row(one.name, EMPTY if one.value is None else f"{one.value:.3f}", ends)
    a, b = found.names
    console.print(Text(f"A: {a}\nB: {b}"), soft_wrap=True)
    print_table(table, console)
    only = f"{found.only[0]} only in A, {found.only[1]} only in B"
    console.print(Text(f"{found.questions} questions of {found.videos} videos; {only}"))
    console.print(Text("difference: mean of B - A. A dash: not defined, as one of the two never varies."))
