"""Signatures of numbers: two numbers compare only where theirs are equal."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING

from sama_bench import __version__
from sama_bench.metric import OF_THE_MODEL
from sama_bench.task import Task

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

TOKENIZER = "PTB-3.4.1"
METEOR = "1.5"
SHORT = 8
HISTORY = "history"
"""The name of the condition of a dialogue, in a signature and among the ways of asking."""
NOTHING: Mapping[str, str] = MappingProxyType({})


def signature(
    benchmark: Benchmark,
    task: Task,
    protocol: str,
    phrases: str | None,
    asking: Mapping[str, str] = NOTHING,
    judge: str | None = None,
) -> dict[str, object]:
    """All that the numbers of a task under a protocol depend on beside the answers, and how those were asked for.

    `selection` is a digest of the ids of the scored questions, `definition` one of what the task is. `phrases`
    is the label of the phrase similarity (`Choice.label`), `asking` is the answers' own, `judge` the label of who
    judged them (`Judged.label`), where anybody did. Where earlier turns were shown (`asking` says which) `history` is
    a part of a dialogue's; numbers of other tasks do not depend on it.

    A part that no metric of the protocol depends on is None.
    """
    keys = [key for entry in benchmark.entries for key in entry.keys if key.task == task.key]
    videos = sum(any(key.task == task.key for key in entry.keys) for entry in benchmark.entries)
    history = asking.get(HISTORY) if task.rounds else None
    parts = {part for metric in task.columns(protocol) for part in metric.depends_on}
    return {
        "task": task.key,
        "protocol": protocol,
        "questions": len(keys),
        "videos": videos,
        "selection": sha256("\0".join(sorted(key.id for key in keys)).encode()).hexdigest()[:SHORT],
        "tokenizer": TOKENIZER if "tokenizer" in parts else None,
        "meteor": METEOR if "meteor" in parts else None,
        "phrases": phrases if "phrases" in parts else None,
        "judge": judge,
        "asked": ",".join(f"{name}={value}" for name, value in asking.items() if name != HISTORY) or None,
        "benchmark": benchmark.fingerprint[:SHORT],
        "definition": task.digest[:SHORT],
        "version": __version__,
        **({} if history is None else {HISTORY: history}),
    }


FORCED = "forced"
FORCED_NOTE = "its answers are forced, so that it cannot fail to ground"


def is_forced(made_of: Mapping[str, object]) -> bool:
    """Whether the signature says that the model was made to answer with a mask."""
    return f"answer={FORCED}" in str(made_of.get("asked") or "").split(",")


SHORT_NAMES = {"tokenizer": "tok", "benchmark": "bench", "definition": "def", "selection": "sel"}


def line(made_of: Mapping[str, object]) -> str:
    """A signature in one line, like sacrebleu's: `task:g|protocol:strict|questions:10|videos:4|tok:ptb-3.4.1|…`."""
    return "|".join(f"{SHORT_NAMES.get(name, name)}:{_value(value)}" for name, value in made_of.items())


def shared(made_of: Mapping[str, object]) -> dict[str, object]:
    """The parts of a signature that are not the model's own."""
    return {name: value for name, value in made_of.items() if name not in OF_THE_MODEL}


def _value(value: object) -> str:
    return "none" if value is None else str(value).lower()
