"""What a model cannot do leaves metrics without a value: which, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from sama_bench.adapter import Abilities
from sama_bench.score import paper, strict
from sama_bench.score.texts import CAPTION_METRICS
from sama_bench.task import load_task
from sama_bench.types import TaskName

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

NO_REGIONS, NO_MASKS, NO_TEXT = "takes no regions", "gives no masks", "gives no text of its own"

OF_TEXTS = (*CAPTION_METRICS, paper.JUDGED, strict.JUDGED)
OF_PHRASES = {paper.NAME: paper.OF_PHRASES, strict.NAME: strict.OF_PHRASES}

# Protocol to task to metric to why it has no value.
Lacking: TypeAlias = Mapping[str, Mapping[TaskName, Mapping[str, str]]]


def lacking(benchmark: Benchmark, can: Abilities) -> Lacking:
    """The metrics that a model has no value of, whatever it answered; a value would be that of the lack.

    A model that takes no regions is asked only the questions without, so no metric of a task that has others is its
    own. One without masks has no metric of tracks; one without text of its own none of texts and phrases.
    """
    protocols = (paper.NAME, strict.NAME)
    return {one: {task: _lacking(benchmark, can, one, task) for task in benchmark.tasks} for one in protocols}


def _lacking(benchmark: Benchmark, can: Abilities, protocol: str, task: TaskName) -> dict[str, str]:
    names = [metric.name for metric in load_task(task).columns(protocol)]
    if not can.regions and _has_regions(benchmark, task):
        return dict.fromkeys(names, NO_REGIONS)
    found = {}
    for name in names:
        if not can.masks and name not in OF_TEXTS:
            found[name] = NO_MASKS
        elif not can.text and (name in OF_TEXTS or name in OF_PHRASES[protocol]):
            found[name] = NO_TEXT
    return found


def _has_regions(benchmark: Benchmark, task: TaskName) -> bool:
    return any(
        question.regions
        for entry in benchmark.entries
        if any(key.task == task for key in entry.keys)
        for question in benchmark.questions(entry.video.id)
        if question.key.task == task
    )
