"""One side of a gate: a scored run, or a baseline file that was made from one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sama_bench.benchmark.installed import load_task
from sama_bench.errors import UserError
from sama_bench.files.json_files import read_json
from sama_bench.files.json_shapes import beyond, damaged, shaped_value, short
from sama_bench.gate.worst_questions import Questions
from sama_bench.metric import question_values
from sama_bench.score.comparison import Side
from sama_bench.score.comparison_inputs import load_side
from sama_bench.score.scores import Scores
from sama_bench.types import Key, TaskName

FORMAT, VERSION = "sama-bench baseline", 1
# What a gate needs of a block of scores.
KEPT = ("mean", "videos", "sums", "questions", "missing", "errors")
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
    content = read_json(path, again=_again(path)) if path.is_file() else None
    if isinstance(content, dict) and content.get("format") == FORMAT:
        return _from_baseline(path, content)
    side = load_side(path)
    questions: dict[str, dict[Key, Mapping[str, float]]] = {}
    for key, question in side.statistics.items():
        for protocol in load_task(key.task).scoring:
            values = question_values(protocol.metrics, question)
            rounded = {name: round(value, DIGITS) for name, value in values.items()}
            questions.setdefault(protocol.name, {})[key] = rounded
    return Checkpoint(side.name, side.scores, questions)


def baseline_text(checkpoint: Checkpoint) -> str:
    """The text of a baseline file: scores by video in full, values of questions to four digits.

    Equal runs give equal bytes.
    """
    scores = checkpoint.scores.to_json()
    protocols = {
        protocol: {task: {name: block[name] for name in KEPT if name in block} for task, block in tasks.items()}
        for protocol, tasks in scores["protocols"].items()
    }
    questions = {
        protocol: [[*key, dict(values)] for key, values in by_key.items()]
        for protocol, by_key in checkpoint.questions.items()
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


def _again(path: Path) -> str:
    return (
        f"make it again with: sama-bench gate baseline RUN {path} (or, of scores: sama-bench score RUN --json {path})"
    )


@dataclass(frozen=True)
class _Baseline:
    """The content of a baseline beside the scores; `questions[protocol]` are (task, id, values)."""

    of: str
    questions: Mapping[str, Sequence[tuple[TaskName, str, Mapping[str, float]]]]


def _from_baseline(path: Path, content: Mapping[str, Any]) -> Checkpoint:
    version = content.get("version")
    if version != VERSION or isinstance(version, bool):
        raise UserError(f"{path}: baseline of version {short(version)}, this one knows {VERSION}; {_again(path)}")
    try:
        scores, baseline = Scores.from_json(content), _baseline(content)
    except UserError as problem:
        raise damaged(path, problem.problems, _again(path)) from problem
    questions = {
        protocol: {Key(task, id_): values for task, id_, values in entries}
        for protocol, entries in baseline.questions.items()
    }
    return Checkpoint(f"{path} ({baseline.of})", scores, questions)


def _baseline(content: Mapping[str, Any]) -> _Baseline:
    baseline = shaped_value(_Baseline, content)
    problems = [
        problem
        for protocol, entries in baseline.questions.items()
        for n, (_, _, values) in enumerate(entries)
        for problem in beyond(values, 0, 1, "questions", protocol, n)
    ]
    if problems:
        raise UserError(problems)
    return baseline
