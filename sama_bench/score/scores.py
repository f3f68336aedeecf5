"""Scores: what is shown, written to scores.json and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sama_bench.errors import UserError
from sama_bench.files.json_files import as_json, read_json
from sama_bench.files.json_shapes import damaged
from sama_bench.metric import Metric
from sama_bench.score.block import Block
from sama_bench.statistics import QuestionStatistics
from sama_bench.types import Key

if TYPE_CHECKING:
    from sama_bench.run.store import Store

# What the numbers were made of, by protocol and task.
Signatures: TypeAlias = dict[str, dict[str, dict[str, object]]]


@dataclass(frozen=True)
class Partial:
    """What scores of a run are of that is still being asked: so many questions `of` all."""

    asked: int
    of: int

    def __str__(self) -> str:
        return f"partial: {self.asked} of {self.of} questions"


@dataclass(frozen=True)
class Part:
    """The key metrics of one part of the questions; `part` is its label, `videos` counts those that have one of it."""

    part: str
    questions: int
    videos: int
    mean: Mapping[str, float]
    interval: Mapping[str, tuple[float, float]]

    def to_json(self) -> dict[str, Any]:
        """With JSON's own types, in the order of the file."""
        return {**asdict(self), "interval": {name: list(ends) for name, ends in self.interval.items()}}


# By protocol, task and dimension.
Breakdowns: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Sequence[Part]]]]


@dataclass(frozen=True)
class Scores:
    """The numbers of a scoring: `protocols[protocol][task]` is a block, `signature[protocol][task]` says how it came.

    `statistics` are the questions' own, where the scores were made here; they are no part of the JSON form.
    `breakdowns` are those of `sama_bench.score.breakdowns` where they were asked for, else empty.
    """

    signature: Mapping[str, Mapping[str, Mapping[str, object]]]
    protocols: Mapping[str, Mapping[str, Block]]
    statistics: Mapping[Key, QuestionStatistics] = field(default_factory=dict, compare=False, repr=False)
    breakdowns: Breakdowns = field(default_factory=dict)
    partial: Partial | None = None

    def block(self, task: str, protocol: str) -> Block | None:
        """The numbers of a task under a protocol; None where it was not scored."""
        return self.protocols.get(protocol, {}).get(task)

    def has(self, task: str, metric: Metric) -> bool:
        """Whether a task was scored for a metric, and the metric has a value."""
        block = self.block(task, metric.protocol)
        return block is not None and metric.name in block.mean

    def made_of(self, task: str, protocol: str) -> Mapping[str, object]:
        """The signature of a task under a protocol; empty where it was not scored."""
        return self.signature.get(protocol, {}).get(task, {})

    def to_json(self) -> dict[str, Any]:
        """The scores with JSON's own types, the keys in a fixed order."""
        content: dict[str, Any] = {
            "signature": {
                protocol: {task: dict(task_signature) for task, task_signature in by_task.items()}
                for protocol, by_task in self.signature.items()
            },
            "protocols": {
                protocol: {task: block.to_json() for task, block in by_task.items()}
                for protocol, by_task in self.protocols.items()
            },
        }
        if self.breakdowns:
            content["breakdowns"] = _json_of_parts(self.breakdowns)
        return content if self.partial is None else {"partial": asdict(self.partial), **content}

    def with_statistics(self, statistics: Mapping[Key, QuestionStatistics]) -> Scores:
        """The same scores, with what is known of single questions."""
        return replace(self, statistics=statistics)

    def dumps(self) -> bytes:
        """The scores as a JSON file, UTF-8; equal scores give equal bytes."""
        return as_json(self.to_json())

    @classmethod
    def from_json(cls, content: object) -> Scores:
        """Take scores out of their JSON form. Raises UserError with all that is wrong, each as `WHAT at WHERE`."""
        from sama_bench.score.shape import scores_of

        if not isinstance(content, dict) or not {"signature", "protocols"} <= content.keys():
            raise UserError('these are no scores: expected an object with "signature" and "protocols"')
        parsed = scores_of(content)
        signature, protocols = _without_silent_judges(parsed.signature, parsed.protocols)
        return cls(signature, protocols, breakdowns=parsed.breakdowns, partial=parsed.partial)


def _json_of_parts(breakdowns: Breakdowns) -> dict[str, Any]:
    return {
        protocol: {
            task: {dimension: [part.to_json() for part in parts] for dimension, parts in dimensions.items()}
            for task, dimensions in tasks.items()
        }
        for protocol, tasks in breakdowns.items()
    }


def read(path: Path, again: str) -> Scores:
    """Read a file that `score --json` or a run wrote; `again` is how to make another.

    Raises UserError with all that is wrong with it.
    """
    content = read_json(path, again=again)
    try:
        return Scores.from_json(content)
    except UserError as problem:
        raise damaged(path, problem.problems, again) from problem


def of_run(store: Store) -> Scores:
    """The scores of a run. Raises UserError where it has none yet, or with all that is wrong with them."""
    if not (path := store.scores_file).exists():
        raise UserError(f"{store.path}: this run has no scores yet; make them with: sama-bench score {store.path}")
    return read(path, f"make it again with: sama-bench score {store.path}")


def keep(scores: Scores, store: Store) -> Path:
    """Put the scores and the statistics of the questions into a run that is open for writing; gives scores.json."""
    store.put_statistics((key, statistics.to_json()) for key, statistics in scores.statistics.items())
    return store.put_scores(scores.to_json())


def _without_silent_judges(
    signature: Mapping[str, Mapping[str, Mapping[str, object]]], protocols: Mapping[str, Mapping[str, Block]]
) -> tuple[Signatures, dict[str, dict[str, Block]]]:
    """Signature and blocks without judges that said nothing: version 0.1.0 let one in as soon as it was to be asked."""
    signed = {
        protocol: {task: dict(task_signature) for task, task_signature in by_task.items()}
        for protocol, by_task in signature.items()
    }
    blocks = {protocol: dict(by_task) for protocol, by_task in protocols.items()}
    for protocol, by_task in blocks.items():
        for task, block in by_task.items():
            judge = block.judge
            if judge is not None and judge.judged == 0 and judge.of:
                signed.get(protocol, {}).get(task, {}).update(judge=None)
                by_task[task] = block.without(judge.column)
    return signed, blocks


def blocks(scores: Scores, task: str) -> dict[str, Block]:
    """The blocks of one task by protocol."""
    return {protocol: tasks[task] for protocol, tasks in scores.protocols.items() if task in tasks}
