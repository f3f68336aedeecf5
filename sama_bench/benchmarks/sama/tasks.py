"""SAMA-Bench's two tasks: what their YAML files in `tasks/` say, and the protocols that score them."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final, cast

import yaml

from sama_bench.errors import UserError
from sama_bench.lmms_yaml import TaskLoader
from sama_bench.score.paper import Paper
from sama_bench.score.strict import Strict
from sama_bench.task import Frames, Task
from sama_bench.types import AnswerForm

MARKS = ("<image>\n", "<video>\n", "\n<video>", "\n<image>")


def _task(name: str, answer: AnswerForm, orders_by: str) -> Task:
    file = files("sama_bench.tasks") / f"{name}.yaml"
    try:
        described = yaml.load(file.read_bytes(), Loader=TaskLoader)  # noqa: S506 - a SafeLoader
        ours: dict[str, Any] = described["metadata"]["sama_bench"]
        return Task(
            key=ours["key"],
            name=described["task"],
            alias=described["task_alias"],
            answer=answer,
            scoring=(Paper(grounded=answer != "text"), Strict(grounded=answer != "text")),
            definition=ours,
            orders_by=orders_by,
            captions=True,
            region=ours["region"],
            frames=Frames(**ours["frames"]),
            wording=ours.get("wording", ""),
            rounds=answer == "phrases",
        )
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as problem:
        raise UserError(f"{file}: this is not the description of a task ({problem!r}); install again") from problem


G: Final = _task("sama_bench_g", "phrases", "J&F")
C: Final = _task("sama_bench_c", "text", "ROUGE_L")
_ASKING = cast("dict[str, str]", G.definition)
SUFFIX, UNLESS = _ASKING["suffix"], _ASKING["unless"]


def as_asked(question: str, *, grounded: bool) -> str:
    """A dialogue's question as the model is asked it; `grounded` is whether its answer has a [SEG]."""
    if grounded and UNLESS not in question:
        question += SUFFIX
    for mark in MARKS:
        question = question.replace(mark, "")
    return question.strip()
