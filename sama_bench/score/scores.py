"""Scores: what is shown, written to scores.json and compared."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sama_bench.errors import UserError
from sama_bench.files.json_files import read_json
from sama_bench.files.json_shapes import damaged
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
        """Take scores out of their JSON form. Raises UserError with all that is wrong, each as `WHAT at WHERE`."""
        from sama_bench.score.shape import check

        if not isinstance(content, dict) or not {"signature", "protocols"} <= content.keys():
            raise UserError('these are no scores: expected an object with "signature" and "protocols"')
        check(content)
        signature, protocols = _heard(content["signature"], content["protocols"])
        return cls(signature, protocols, breakdowns=content.get("breakdowns", {}))


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
    store.put_statistics((key, one.to_json()) for key, one in scores.statistics.items())
    return store.put_scores(scores.to_json())


def _plain(values: Mapping[str, Mapping[str, Mapping[str, object]]]) -> dict[str, dict[str, dict[str, object]]]:
    return {one: {two: dict(value) for two, value in inner.items()} for one, inner in values.items()}


def _heard(
    signature: Mapping[str, Mapping[str, Mapping[str, object]]], protocols: Mapping[str, Mapping[str, Block]]
) -> tuple[dict[str, dict[str, dict[str, object]]], dict[str, dict[str, Block]]]:
    """Signature and blocks without judges that said nothing: version 0.1.0 let one in as soon as it was to be asked."""
    signed, plain = _plain(signature), _plain(protocols)
    for protocol, blocks in plain.items():
        for task, block in blocks.items():
            said = block.get("judge")
            if isinstance(said, dict) and said.get("judged") == 0 and said.get("of"):
                signed.get(protocol, {}).get(task, {}).update(judge=None)
                blocks[task] = _without(block, said.get("column"))
    return signed, plain


def _without(block: Block, column: object) -> Block:
    """A block without a judge's column, and what stands beside it."""
    rest = {name: value for name, value in block.items() if name not in {"judge", "marked"}}
    for name in ("mean", "interval"):
        rest[name] = {metric: one for metric, one in block.get(name, {}).items() if metric != column}
    videos = block["videos"].items()
    rest["videos"] = {video: {metric: one for metric, one in own.items() if metric != column} for video, own in videos}
    return rest


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
