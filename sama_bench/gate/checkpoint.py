"""One side of a gate: a scored run, or a baseline file that was made from one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sama_bench.errors import UserError
from sama_bench.gate.losses import Questions
from sama_bench.score import paper, strict
from sama_bench.score.comparison import Side, question_values
from sama_bench.score.scores import Scores
from sama_bench.score.sides import load_side
from sama_bench.types import TASKS, Key, TaskName

FORMAT, VERSION = "sama-bench baseline", 1
LARGEST = 64 << 20
# What a gate needs of a block of scores.
KEPT = ("mean", "videos", "questions", "missing", "errors")
DIGITS = 4


@dataclass(frozen=True)
class Checkpoint:
    """Name and scores of one side, and the values of its questions by protocol, 0…1, to four digits."""

    name: str
    scores: Scores
    questions: Mapping[str, Questions]

    @property
    def side(self) -> Side:
        """As `compare` takes it."""
        return Side(self.name, self.scores)


def load(path: Path) -> Checkpoint:
    """Read a run's folder, a baseline file, or what `score --json` wrote.

    Raises UserError where it is none of them, or not scored.
    """
    content = _json(path) if path.is_file() else None
    if content is not None and content.get("format") == FORMAT:
        return _from_baseline(path, content)
    side = load_side(path)
    questions = {
        protocol: {key: _rounded(question_values(one, protocol)) for key, one in side.statistics.items()}
        for protocol in (paper.NAME, strict.NAME)
    }
    return Checkpoint(side.name, side.scores, questions)


def _rounded(values: Iterable[tuple[str, float]]) -> dict[str, float]:
    return {name: round(value, DIGITS) for name, value in values}


def baseline_text(checkpoint: Checkpoint) -> str:
    """What a baseline file holds: scores by video in full, values of questions to four digits.

    Equal runs give equal bytes.
    """
    scores = checkpoint.scores.to_json()
    protocols = {
        protocol: {task: {name: block[name] for name in KEPT if name in block} for task, block in tasks.items()}
        for protocol, tasks in scores["protocols"].items()
    }
    questions = {
        protocol: [[*key, dict(values)] for key, values in own.items()]
        for protocol, own in checkpoint.questions.items()
    }
    head = {"format": FORMAT, "version": VERSION, "of": checkpoint.name}
    return _lines({**head, "signature": scores["signature"], "protocols": protocols, "questions": questions})


def _lines(content: Mapping[str, Any]) -> str:
    """A JSON object with a line for each of its values."""
    values = (
        f"{json.dumps(name)}:{json.dumps(value, separators=(',', ':'), allow_nan=False)}"
        for name, value in content.items()
    )
    return "{" + ",\n".join(values) + "}\n"


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST:
            raise UserError(f"{path}: is larger than {LARGEST >> 20} MB, expected a baseline or scores")
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise UserError(f"{path}: cannot be read as JSON ({problem})") from problem
    if not isinstance(content, dict):
        raise UserError(f"{path}: is not a JSON object; make it with: sama-bench gate baseline RUN {path}")
    return content


def _from_baseline(path: Path, content: Mapping[str, Any]) -> Checkpoint:
    again = f"make it again: sama-bench gate baseline RUN {path}"
    if content.get("version") != VERSION:
        raise UserError(f"{path}: baseline of version {content.get('version')!r}, this one knows {VERSION}; {again}")
    try:
        questions = {protocol: dict(map(_question, own)) for protocol, own in content["questions"].items()}
        return Checkpoint(f"{path} ({content['of']})", Scores.from_json(content), questions)
    except (KeyError, TypeError, ValueError, AttributeError, UserError) as problem:
        raise UserError(f"{path}: is a damaged baseline ({problem}); {again}") from problem


def _question(entry: Sequence[Any]) -> tuple[Key, dict[str, float]]:
    task, id_, values = entry
    if task not in TASKS:
        raise ValueError(f"task {task!r}")
    return Key(cast("TaskName", task), str(id_)), {str(name): float(value) for name, value in values.items()}
