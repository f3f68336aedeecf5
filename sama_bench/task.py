"""What a task is, as its YAML file in `tasks/` says: wording, regions, frames, metrics."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, cast

import yaml

from sama_bench.errors import UserError
from sama_bench.files.yaml_files import BoundedLoader
from sama_bench.types import TaskName

# How much was answered: a metric in lmms-eval, which shows nothing else of it; here each table says it anyway.
ANSWERED = "answered"


class TaskLoader(BoundedLoader):
    """Reads a task's YAML and takes lmms-eval's `!function` for the name that follows it; nothing is imported."""


TaskLoader.add_constructor("!function", lambda loader, node: loader.construct_scalar(cast("yaml.ScalarNode", node)))


@dataclass(frozen=True)
class Metric:
    """A column: the protocol it belongs to, its name in JSON, what people call it, and its direction."""

    protocol: str
    name: str
    label: str
    higher_is_better: bool


@dataclass(frozen=True)
class Frames:
    """Which frames the released scripts show: all to the segmenter, a sample to the language model."""

    segmenter: str
    stride: int
    at_most: int
    at_least: int
    dense: int


@dataclass(frozen=True)
class Task:
    """One task of the benchmark.

    `digest` is the SHA-256, in hexadecimal, of what its YAML file says of the questions and the metrics; what only
    lmms-eval reads is no part of it.
    """

    key: TaskName
    name: str
    alias: str
    region: Literal["box", "mask"]
    frames: Frames
    metrics: tuple[Metric, ...]
    digest: str
    wording: str = ""
    suffix: str = ""
    unless: str = ""

    @property
    def protocols(self) -> tuple[str, ...]:
        """The protocols that the task's metrics belong to, in their order."""
        return tuple(dict.fromkeys(metric.protocol for metric in self.metrics))

    def columns(self, protocol: str) -> tuple[Metric, ...]:
        """The metrics of one protocol, in the order of the table."""
        return tuple(metric for metric in self.metrics if metric.protocol == protocol)

    def ask(self, question: str, grounded: bool) -> str:
        """A dialogue's question as the model is asked it; `grounded` is whether its answer has a [SEG]."""
        if grounded and self.suffix and self.unless not in question:
            question += self.suffix
        for mark in ("<image>\n", "<video>\n", "\n<video>", "\n<image>"):
            question = question.replace(mark, "")
        return question.strip()


@lru_cache
def load_task(key: TaskName) -> Task:
    """The task `g` or `c`. Raises UserError where the installed YAML file is not a task's description."""
    file = files("sama_bench.tasks") / f"sama_bench_{key}.yaml"
    content = file.read_bytes()
    try:
        return _task(yaml.load(content, Loader=TaskLoader))  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as problem:
        raise UserError(f"{file}: this is not the description of a task ({problem!r}); install again") from problem


def _task(described: dict[str, Any]) -> Task:
    ours = described["metadata"]["sama_bench"]
    metrics = tuple(_metric(entry) for entry in described["metric_list"] if entry["metric"] != ANSWERED)
    return Task(
        key=cast("TaskName", ours["key"]),
        name=described["task"],
        alias=described["task_alias"],
        region=ours["region"],
        frames=Frames(**ours["frames"]),
        metrics=metrics,
        digest=_digest([ours, [(one.protocol, one.name, one.higher_is_better) for one in metrics]]),
        wording=ours.get("wording", ""),
        suffix=ours.get("suffix", ""),
        unless=ours.get("unless", ""),
    )


def _metric(entry: dict[str, Any]) -> Metric:
    protocol, _, name = entry["metric"].partition("_")
    return Metric(protocol, name, entry["label"], entry["higher_is_better"])


def _digest(defining: object) -> str:
    return hashlib.sha256(json.dumps(defining, sort_keys=True).encode()).hexdigest()
