"""What a number was made of: two numbers compare only where their signatures are equal."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

from sama_bench import __version__
from sama_bench.task import load_task
from sama_bench.types import TaskName

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

TOKENIZER = "PTB-3.4.1"
METEOR = "1.5"
SHORT = 8


def signature(benchmark: Benchmark, task: TaskName, protocol: str, phrases: str | None) -> dict[str, object]:
    """What the numbers of a task under a protocol depend on, beside the answers.

    `selection` is a digest of the ids of the scored questions, `definition` one of the task's YAML file. `phrases`
    is the label of the phrase similarity (`Choice.label`); task C has no phrases. No judge takes part yet.
    """
    keys = [key for entry in benchmark.entries for key in entry.keys if key.task == task]
    videos = sum(any(key.task == task for key in entry.keys) for entry in benchmark.entries)
    return {
        "task": task,
        "protocol": protocol,
        "questions": len(keys),
        "videos": videos,
        "selection": sha256("\0".join(sorted(key.id for key in keys)).encode()).hexdigest()[:SHORT],
        "tokenizer": TOKENIZER,
        "meteor": METEOR,
        "phrases": phrases if task == "g" else None,
        "judge": None,
        "benchmark": benchmark.fingerprint[:SHORT],
        "definition": load_task(task).digest[:SHORT],
        "version": __version__,
    }


SHORT_NAMES = {"tokenizer": "tok", "benchmark": "bench", "definition": "def", "selection": "sel"}


def line(made_of: Mapping[str, object]) -> str:
    """A signature in one line, like sacrebleu's: `task:g|protocol:strict|questions:10|videos:4|tok:ptb-3.4.1|…`."""
    return "|".join(f"{SHORT_NAMES.get(name, name)}:{_value(value)}" for name, value in made_of.items())


def _value(value: object) -> str:
    return "none" if value is None else str(value).lower()
