"""A judge's verdicts on a run, and what they would cost, as tables in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from sama_bench.benchmark.installed import load_task, task_keys
from sama_bench.judge.agreement import Agreement
from sama_bench.judge.estimate import Estimate
from sama_bench.judge.judge_config import JudgeConfig
from sama_bench.tables import EMPTY, Column, Look, interval, layout, numbers, percent, points, print_table
from sama_bench.types import Key
from sama_bench.verdicts.judge_result import Judged


def print_judged(judged: Judged, answered: Sequence[Key], console: Console) -> None:
    """Print for each task how many of the `answered` questions were judged, means of the scores, and what is odd."""
    tasks = {task: [key for key in answered if key.task == task] for task in task_keys()}
    summaries = {task: judged.summary(keys) for task, keys in tasks.items() if keys}
    columns = [Column(whole=True), *numbers(load_task(task).alias for task in summaries)]
    rows = [
        (label, *(values.get(task, EMPTY) for task in summaries))
        for label, values in _rows(judged, tasks, summaries).items()
    ]
    console.print(Text(f"{judged.column}: {judged.label}", style="bold"), soft_wrap=True)
    print_table(layout(columns, rows, Look.BOXED), console)
    console.print(Text("scores: means over the questions, those in the table of sama-bench score over the videos"))
    for task, summary in summaries.items():
        for reason, count in summary.get("reasons", {}).items():
            console.print(Text(f"{load_task(task).alias}: {count} unscored: {reason}", style="yellow"), soft_wrap=True)


def _rows(
    judged: Judged, tasks: Mapping[Any, Sequence[Key]], summaries: Mapping[Any, Mapping[str, Any]]
) -> dict[str, dict[Any, str]]:
    """Label to the task's cell; a row that no task has is absent."""
    rows: dict[str, dict[Any, str]] = {}
    for task, summary in summaries.items():
        cells = {"answers": str(summary["of"]), "judged": str(summary["judged"]), "unscored": str(summary["unscored"])}
        scores = [value for key in tasks[task] if (value := judged.value(key)) is not None]
        if scores:
            cells[f"{judged.column}, percent"] = points(100 * sum(scores) / len(scores))
        for name, value in summary["parts"].items():
            cells[f"{name} {_direction(judged, name)}, of {judged.about['scores'][name]:g}"] = points(value)
        if "spread" in summary:
            cells["samples differ by (standard deviation), percent"] = percent(summary["spread"])
        if "quotes" in summary:
            cells["quotes that are not in the answer"] = (
                f"{summary['quotes']['not_found']} of {summary['quotes']['given']}"
            )
        for label, cell in cells.items():
            rows.setdefault(label, {})[task] = cell
    return rows


def _direction(judged: Judged, name: str) -> str:
    return "↓" if name in judged.about["lower_is_better"] else "↑"


def print_estimate(estimate: Estimate, config: JudgeConfig, usd: float | None, console: Console) -> None:
    """Print what judging would take; `usd` is what it would cost, None where the model's price is not known."""
    rows = {
        "requests": f"{estimate.requests}",
        "replies in the cache": f"{estimate.cached}",
        "empty answers, not asked about": f"{estimate.empty}",
        "tokens sent, about": f"{estimate.tokens_in}",
        "tokens replied, about": f"{estimate.tokens_out}, at most {estimate.tokens_out_at_most}",
        "cost, about": "unknown: the price table has no such model" if usd is None else _dollars(usd),
    }
    console.print(Text(f"{config.model} with {config.template.label}, nothing was sent", style="bold"))
    print_table(layout(["", ""], rows.items(), Look.BOXED, headings=False), console)


def _dollars(usd: float) -> str:
    return f"${usd:.2f}" if usd >= 1 else f"${usd:.4f}"


def print_agreement(agreement: Agreement, console: Console) -> None:
    """Print each measure of agreement with its interval, and on how many questions it rests."""
    rows = [
        (
            measure.name,
            EMPTY if measure.value is None else points(measure.value, 3),
            interval(measure.interval, 3, scale=1),
        )
        for measure in agreement.measures
    ]
    a, b = agreement.names
    console.print(Text(f"A: {a}\nB: {b}"), soft_wrap=True)
    print_table(layout(["measure", *numbers(("value", "95 % interval"))], rows, Look.BOXED), console)
    only_counts = f"{agreement.only[0]} only in A, {agreement.only[1]} only in B"
    console.print(Text(f"{agreement.questions} questions of {agreement.videos} videos; {only_counts}"))
    console.print(Text("difference: mean of B - A. A dash: not defined, as one of the two never varies."))
