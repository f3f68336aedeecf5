"""Scores: what is shown, written to scores.json and compared."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sama_bench.errors import UserError
from sama_bench.metrics.java import TextFault
from sama_bench.score.intervals import intervals, recipe
from sama_bench.score.statistics import QuestionStatistics
from sama_bench.score.texts import mean
from sama_bench.types import Key

if TYPE_CHECKING:
    from sama_bench.run.store import Store

# The numbers of one task under one protocol, in the form that goes into JSON.
Block: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Scores:
    """The numbers of a scoring: `protocols[protocol][task]` is a block, `signature[protocol][task]` says how it came.

    `statistics` are the questions' own, where the scores were made here; they are no part of the JSON form.
    `breakdowns` are those of `sama_bench.score.breakdowns` where they were asked for, else empty.
    """

    signature: Mapping[str, Mapping[str, Mapping[str, object]]]
    protocols: Mapping[str, Mapping[str, Block]]
    statistics: Mapping[Key, QuestionStatistics] = field(default_factory=dict, compare=False, repr=False)
    breakdowns: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The scores with JSON's own types, the keys in a fixed order."""
        found = {"signature": _plain(self.signature), "protocols": _plain(self.protocols)}
        return {**found, "breakdowns": dict(self.breakdowns)} if self.breakdowns else found

    def with_statistics(self, statistics: Mapping[Key, QuestionStatistics]) -> Scores:
        """The same scores, with what is known of single questions."""
        return replace(self, statistics=statistics)

    def dumps(self) -> bytes:
        """The scores as a JSON file, UTF-8; equal scores give equal bytes."""
        return (json.dumps(self.to_json(), ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()

    @classmethod
    def from_json(cls, content: object) -> Scores:
        """Take scores out of their JSON form. Raises UserError where it is not that."""
        if not isinstance(content, dict) or not _nested(content.get("signature")):
            raise UserError('these are no scores: expected an object with "signature" and "protocols"')
        if not _nested(content.get("protocols")) or not _complete(content["protocols"]):
            raise UserError(
                "these are no scores: expected an object for each protocol and task in "
                '"protocols", with "mean" and "videos"'
            )
        if odd := [name for name, block in _blocks(content["protocols"]) if not _numeric(block)]:
            raise UserError(f"these scores are damaged: a value of {', '.join(odd)} is no finite number")
        return cls(content["signature"], content["protocols"], breakdowns=content.get("breakdowns", {}))


def keep(scores: Scores, store: Store) -> Path:
    """Put the scores and the statistics of the questions into a run that is open for writing; gives scores.json."""
    store.put_statistics((key, one.to_json()) for key, one in scores.statistics.items())
    return store.put_scores(scores.to_json())


def _plain(values: Mapping[str, Mapping[str, Mapping[str, object]]]) -> dict[str, dict[str, dict[str, object]]]:
    return {one: {two: dict(value) for two, value in inner.items()} for one, inner in values.items()}


def _nested(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(tasks, dict) and all(isinstance(one, dict) for one in tasks.values()) for tasks in value.values()
    )


def _blocks(protocols: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((f"{protocol}, {task}", block) for protocol, own in protocols.items() for task, block in own.items())


def _numeric(block: Mapping[str, Any]) -> bool:
    """Whether means, intervals and the values of videos are numbers."""
    interval = block.get("interval", {})
    if not isinstance(interval, dict) or not all(isinstance(own, dict) for own in block["videos"].values()):
        return False
    return all(map(_is_range, interval.values())) and all(
        _are_numbers(own.values()) for own in (block["mean"], *block["videos"].values())
    )


def _is_range(ends: object) -> bool:
    return isinstance(ends, (list, tuple)) and len(ends) == 2 and _are_numbers(ends) and ends[0] <= ends[1]


def _are_numbers(values: Iterable[object]) -> bool:
    return all(isinstance(one, (int, float)) and math.isfinite(one) for one in values)


def _complete(protocols: Mapping[str, Mapping[str, Mapping[str, object]]]) -> bool:
    return all(isinstance(block.get(name), dict) for _, block in _blocks(protocols) for name in ("mean", "videos"))


def block(
    metrics: Sequence[str],
    values: Mapping[str, Mapping[str, float]],
    questions: Sequence[QuestionStatistics],
    *,
    faults_among: Sequence[QuestionStatistics],
) -> Block:
    """Put together the numbers of a task: means over the videos in which a metric is defined, each video's, and counts.

    A metric that is defined nowhere is absent, as is a video without any. `faults_among` are the questions whose
    texts count.
    """
    found = {video: {name: own[name] for name in metrics if name in own} for video, own in values.items()}
    videos = {video: own for video, own in found.items() if own}
    states = Counter(question.state for question in questions)
    unread = sum(question.unread for question in questions)
    faults = [_fault(question.key, question.text) for question in faults_among if isinstance(question.text, TextFault)]
    return {
        "mean": _means(metrics, list(videos.values())),
        "interval": intervals(videos, metrics),
        "bootstrap": recipe(),
        "videos": videos,
        "questions": len(questions),
        "missing": states["missing"],
        "errors": states["error"],
        **({"unread": unread} if unread else {}),
        "text_errors": len(faults),
        "text_faults": faults,
    }


def _means(metrics: Sequence[str], videos: Sequence[Mapping[str, float]]) -> dict[str, float]:
    defined = {name: [own[name] for own in videos if name in own] for name in metrics}
    return {name: mean(values) for name, values in defined.items() if values}


def _fault(key: Key, fault: TextFault) -> dict[str, str]:
    return {"question_id": key.id, "reason": fault.reason}


def blocks(scores: Scores, task: str) -> dict[str, Block]:
    """The blocks of one task by protocol."""
    return {protocol: tasks[task] for protocol, tasks in scores.protocols.items() if task in tasks}
