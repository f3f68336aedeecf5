"""The metrics that a model's missing abilities leave without a value, and the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sama_bench.adapter import Abilities
from sama_bench.metric import Metric
from sama_bench.task import Task

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

NO_REGIONS, NO_MASKS, NO_TEXT = "takes no regions", "gives no masks", "gives no text of its own"
DESCRIBES = "describes one region, and answers nothing else"


def lacking(benchmark: Benchmark, can: Abilities, task: Task) -> dict[str, str]:
    """The metrics of a task that a model has no value of, whatever it answered: by name why.

    A value would be that of the lack. A model that takes no regions is asked only the questions without, so no metric
    of a task that has others is its own. One without masks has no metric of tracks; one without text of its own none of
    texts and phrases.
    """
    if (can.describes_only or not can.regions) and not _suits(benchmark, can, task):
        reason = NO_REGIONS if not can.regions else DESCRIBES
        return dict.fromkeys((metric.name for metric in task.metrics), reason)
    return {name: reason for name, reason in ((metric.name, _why(metric, can)) for metric in task.metrics) if reason}


def of_protocol(reasons: Mapping[str, str], metrics: Sequence[Metric]) -> dict[str, str]:
    """Those reasons that are of these metrics, in their order."""
    return {metric.name: reasons[metric.name] for metric in metrics if metric.name in reasons}


def _why(metric: Metric, can: Abilities) -> str | None:
    if not can.masks and "masks" in metric.needs:
        return NO_MASKS
    return NO_TEXT if not can.text and {"text", "phrases"} & {*metric.needs} else None


def _suits(benchmark: Benchmark, can: Abilities, task: Task) -> bool:
    """True if the model can be asked every question of the task."""
    return all(
        can.suits(question)
        for entry in benchmark.entries
        if any(key.task == task.key for key in entry.keys)
        for question in benchmark.questions(entry.video.id)
        if question.key.task == task.key
    )
