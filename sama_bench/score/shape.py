"""What scores.json has to hold, so that no table, page, gate or comparison stumbles over it.

Tasks, protocols and metrics that nobody knows here may be a newer version's: their numbers only have to be finite.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from typing import Any, TypeAlias

from sama_bench.errors import UserError
from sama_bench.files.json_shapes import ROUNDING, at, beyond, shaped_value, short
from sama_bench.score.texts import mean
from sama_bench.task import load_task
from sama_bench.types import TASKS

# CIDEr is ten times a cosine, all other metrics are shares.
MOST, MOST_CIDER = 1.0, 10.0
LARGEST = 1e9  # of a metric that a newer version may have
Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True)
class _Recipe:
    level: float
    resamples: int
    seed: int


@dataclass(frozen=True)
class _Fault:
    question_id: str
    reason: str


@dataclass(frozen=True)
class _Quotes:
    given: int
    not_found: int


@dataclass(frozen=True)
class _Judge:
    column: str
    of: int
    judged: int
    unscored: int
    samples: int
    spread: float | None = None
    own_error: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    quotes: _Quotes | None = None
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Block:
    mean: Mapping[str, float]
    videos: Mapping[str, Mapping[str, float]]
    questions: int
    missing: int = 0
    errors: int = 0
    unread: int = 0
    text_errors: int = 0
    grounding_nothing: int = 0
    falsely_grounded: int = 0
    interval: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    bootstrap: _Recipe | None = None
    text_faults: Sequence[_Fault] = ()
    unavailable: Mapping[str, str] = field(default_factory=dict)
    cannot: Mapping[str, str] = field(default_factory=dict)
    marked: Mapping[str, str] = field(default_factory=dict)
    judge: _Judge | None = None


@dataclass(frozen=True)
class _Signature:
    """The parts of a signature that are read one by one; all others are shown as they are."""

    task: str | None = None
    protocol: str | None = None
    questions: int | None = None
    videos: int | None = None
    phrases: str | None = None
    judge: str | None = None
    asked: str | None = None


@dataclass(frozen=True)
class _Part:
    part: str
    questions: int
    videos: int
    mean: Mapping[str, float]
    interval: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class _Scores:
    signature: Mapping[str, Mapping[str, Mapping[str, Scalar]]]
    protocols: Mapping[str, Mapping[str, _Block]]
    breakdowns: Mapping[str, Mapping[str, Mapping[str, Sequence[_Part]]]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Signatures:
    signature: Mapping[str, Mapping[str, _Signature]]


COUNTS = ("missing", "errors", "unread", "text_errors", "grounding_nothing", "falsely_grounded")


def check(content: Mapping[str, Any]) -> None:
    """Raise UserError with all that is wrong with the content of a scores.json, each as `WHAT at WHERE`."""
    found = shaped_value(_Scores, content)
    shaped_value(_Signatures, content)
    if problems := list(_problems(found)) or list(_unlike_means(found)):
        raise UserError(problems)


def _problems(found: _Scores) -> Iterator[str]:
    for protocol, tasks in found.protocols.items():
        for task, block in tasks.items():
            place = ("protocols", protocol, task)
            if task not in found.signature.get(protocol, {}):
                yield f"{short(task)} is missing{at('signature', protocol)}"
            yield from _block(block, _most(protocol, task), *place)
    for protocol, parted in found.breakdowns.items():
        for task, dimensions in parted.items():
            for dimension, parts in dimensions.items():
                for n, part in enumerate(parts):
                    yield from _part(part, _most(protocol, task), "breakdowns", protocol, task, dimension, n)


def _most(protocol: str, task: str) -> Mapping[str, float]:
    """The largest value of each metric that is known here."""
    metrics = [one for key in TASKS if key == task for one in load_task(key).columns(protocol)]
    return {one.name: MOST_CIDER if one.name == "CIDEr" else MOST for one in metrics}


def _block(block: _Block, most: Mapping[str, float], *place: object) -> Iterator[str]:
    counts = {"questions": block.questions, **{name: getattr(block, name) for name in COUNTS}}
    yield from beyond(counts, 0, LARGEST, *place)
    if max(block.missing + block.errors, block.unread) > block.questions >= 0:
        yield f"questions is {block.questions}, less than those without an answer{at(*place)}"
    yield from _numbers(block.mean, most, *place, "mean")
    for video, values in block.videos.items():
        yield from _numbers(values, most, *place, "videos", video)
    yield from _ends(block.interval, block.mean, most, *place, "interval")
    if block.judge is not None:
        yield from _judge(block.judge, *place, "judge")


def _unlike_means(found: _Scores) -> Iterator[str]:
    for protocol, tasks in found.protocols.items():
        for task, block in tasks.items():
            yield from _means(block, "protocols", protocol, task)


def _means(block: _Block, *place: object) -> Iterator[str]:
    """Where a mean is not that of the videos, or one of the two is there without the other."""
    values: dict[str, list[float]] = {}
    for one in block.videos.values():
        for name, value in one.items():
            values.setdefault(name, []).append(value)
    for name in dict.fromkeys([*block.mean, *values]):
        if name not in values or name not in block.mean:
            yield f"{short(name)} has {'a mean' if name in block.mean else 'videos'} only{at(*place)}"
        elif not isclose(block.mean[name], whole := mean(values[name]), rel_tol=ROUNDING, abs_tol=ROUNDING):
            yield f"{block.mean[name]:g} is not the mean of its videos, {whole:g},{at(*place, 'mean', name)}"


def _numbers(values: Mapping[str, float], most: Mapping[str, float], *place: object) -> Iterator[str]:
    for name, value in values.items():
        yield from beyond({name: value}, *_limits(name, most), *place)


def _limits(name: str, most: Mapping[str, float]) -> tuple[float, float]:
    return (0, most[name]) if name in most else (-LARGEST, LARGEST)


def _ends(
    interval: Mapping[str, tuple[float, float]], means: Mapping[str, float], most: Mapping[str, float], *place: object
) -> Iterator[str]:
    for name, (low, high) in interval.items():
        if name not in means:
            yield f"{short(name)} has no mean{at(*place)}"
        if low > high:
            yield f"{low:g} is more than {high:g}{at(*place, name)}"
        yield from beyond({"low": low, "high": high}, *_limits(name, most), *place, name)


def _judge(judge: _Judge, *place: object) -> Iterator[str]:
    counts = {"of": judge.of, "judged": judge.judged, "unscored": judge.unscored, "samples": judge.samples}
    yield from beyond({**counts, **judge.reasons}, 0, LARGEST, *place)
    spreads = {"spread": judge.spread, "own_error": judge.own_error, **judge.parts}
    yield from beyond({name: one for name, one in spreads.items() if one is not None}, -LARGEST, LARGEST, *place)


def _part(part: _Part, most: Mapping[str, float], *place: object) -> Iterator[str]:
    yield from beyond({"questions": part.questions, "videos": part.videos}, 0, LARGEST, *place)
    yield from _numbers(part.mean, most, *place, "mean")
    yield from _ends(part.interval, part.mean, most, *place, "interval")
