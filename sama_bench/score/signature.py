"""What a number was made of: two numbers compare only where their signatures are equal."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING

from sama_bench import __version__
from sama_bench.task import load_task
from sama_bench.types import TaskName

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

TOKENIZER = "PTB-3.4.1"
METEOR = "1.5"
SHORT = 8
NOTHING: Mapping[str, str] = MappingProxyType({})


def signature(
    benchmark: Benchmark,
    task: TaskName,
    protocol: str,
    phrases: str | None,
    asking: Mapping[str, str] = NOTHING,
    judge: str | None = None,
) -> dict[str, object]:
    """What the numbers of a task under a protocol depend on, beside the answers, and how those were asked for.

    `selection` is a digest of the ids of the scored questions, `definition` one of the task's YAML file. `phrases`
    is the label of the phrase similarity (`Choice.label`); task C has no phrases. `asking` is
    the answers' own, `judge` the label of who judged them (`Judged.label`), where anybody did.
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
        "judge": judge,
        "asked": ",".join(f"{name}={value}" for name, value in asking.items()) or None,
        "benchmark": benchmark.fingerprint[:SHORT],
        "definition": load_task(task).digest[:SHORT],
        "version": __version__,
    }


# What numbers that stand in one column may differ in: it belongs to who answered, not to what is measured.
OF_THE_MODEL = ("asked",)
SHORT_NAMES = {"tokenizer": "tok", "benchmark": "bench", "definition": "def", "selection": "sel"}


def line(made_of: Mapping[str, object]) -> str:
    """A signature in one line, like sacrebleu's: `task:g|protocol:strict|questions:10|videos:4|tok:ptb-3.4.1|…`."""
    return "|".join(f"{SHORT_NAMES.get(name, name)}:{_value(value)}" for name, value in made_of.items())


def shared(made_of: Mapping[str, object]) -> dict[str, object]:
    """The part of a signature in which numbers have to agree to be compared."""
    return {name: value for name, value in made_of.items() if name not in OF_THE_MODEL}


def _value(value: object) -> str:
    return "none" if value is None else str(value).lower()
