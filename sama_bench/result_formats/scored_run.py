"""What the forms of others need of a run: its numbers one by one, and who made them when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import NamedTuple

from sama_bench.benchmark.installed import load_task
from sama_bench.metric import Metric
from sama_bench.run.manifest import Manifest
from sama_bench.score.block import Block
from sama_bench.score.scores import Scores
from sama_bench.score.signature import line
from sama_bench.task import Task
from sama_bench.verdicts.judge_result import Judged

CHECKPOINT = "checkpoint"


class Number(NamedTuple):
    """One number: a metric of a task, its mean, and the block that it stands in."""

    task: Task
    metric: Metric
    block: Block
    signature: str

    @property
    def mean(self) -> float:
        """The mean as a fraction."""
        return self.block.mean[self.metric.name]

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the 95 % interval; None where there is none."""
        return self.block.interval.get(self.metric.name)

    @property
    def name(self) -> str:
        """A name of letters, digits and underscores: sama_bench_g_strict_j_f."""
        text = f"{self.task.name}_{self.metric.protocol}_{self.metric.name}".lower().replace("&", "_")
        return "".join(letter if letter.isalnum() else "_" for letter in text)


@dataclass(frozen=True)
class ScoredRun:
    """A run's manifest and scores, and the judges behind columns that judges fill."""

    manifest: Manifest
    scores: Scores
    judged: Mapping[str, Judged]

    @property
    def model(self) -> str:
        """The checkpoint where the run names one, else the adapter or whoever answered."""
        settings = self.manifest.settings
        return settings.model_args.get(CHECKPOINT) or settings.model

    @property
    def made(self) -> datetime:
        """When the run was begun last; 1970 where nobody noted it."""
        started = self.manifest.sessions[-1].started if self.manifest.sessions else ""
        try:
            moment = datetime.fromisoformat(started)
        except ValueError:
            return datetime.fromtimestamp(0, timezone.utc)
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)

    def numbers(self) -> Iterator[Number]:
        """All numbers, in the order of the tables."""
        for protocol, by_task in self.scores.protocols.items():
            for key, block in by_task.items():
                task = load_task(key)
                signature = line(self.scores.made_of(key, protocol))
                yield from (
                    Number(task, metric, block, signature)
                    for metric in task.columns(protocol)
                    if metric.name in block.mean
                )
