"""The shape of scores.json, checked so that no table, page, gate or comparison stumbles over it.

Tasks, protocols and metrics that nobody knows here may be a newer version's: their numbers only have to be finite.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from typing import Any, TypeAlias

from sama_bench.benchmark.installed import is_task, load_task
from sama_bench.errors import UserError
from sama_bench.files.json_shapes import ROUNDING, at, beyond, shaped_value, short
from sama_bench.score.block import Block, JudgeSummary, total
from sama_bench.score.caption_statistics import mean
from sama_bench.score.scores import Part, Partial

LARGEST = 1e9  # of a metric that a newer version may have
# By metric: the least and the largest value.
Bounds: TypeAlias = Mapping[str, tuple[float, float]]
Scalar: TypeAlias = str | int | float | bool | None


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
class ScoresContent:
    """The parts of a scores.json."""

    signature: Mapping[str, Mapping[str, Mapping[str, Scalar]]]
    protocols: Mapping[str, Mapping[str, Block]]
    breakdowns: Mapping[str, Mapping[str, Mapping[str, Sequence[Part]]]] = field(default_factory=dict)
    partial: Partial | None = None


@dataclass(frozen=True)
class _Signatures:
    signature: Mapping[str, Mapping[str, _Signature]]


COUNTS = ("missing", "errors", "unread", "text_errors", "grounding_nothing", "falsely_grounded")


def scores_of(content: Mapping[str, Any]) -> ScoresContent:
    """Parse the content of a scores.json. Raises UserError with all that is wrong, each as `WHAT at WHERE`."""
    parsed = shaped_value(ScoresContent, content)
    shaped_value(_Signatures, content)
    if problems := list(_problems(parsed)) or list(_unlike_means(parsed)):
        raise UserError(problems)
    return parsed


def _problems(parsed: ScoresContent) -> Iterator[str]:
    for protocol, tasks in parsed.protocols.items():
        for task, block in tasks.items():
            place = ("protocols", protocol, task)
            if task not in parsed.signature.get(protocol, {}):
                yield f"{short(task)} is missing{at('signature', protocol)}"
            yield from _block(block, _bounds(protocol, task), *place)
    for protocol, parted in parsed.breakdowns.items():
        for task, dimensions in parted.items():
            for dimension, parts in dimensions.items():
                for n, part in enumerate(parts):
                    yield from _part(part, _bounds(protocol, task), "breakdowns", protocol, task, dimension, n)


def _bounds(protocol: str, task: str) -> Bounds:
    """The least and the largest value of each metric that is known here."""
    return {metric.name: metric.bounds for metric in load_task(task).columns(protocol)} if is_task(task) else {}


def _block(block: Block, bounds: Bounds, *place: object) -> Iterator[str]:
    counts = {"questions": block.questions, **{name: getattr(block, name) or 0 for name in COUNTS}}
    yield from beyond(counts, 0, LARGEST, *place)
    if max(block.missing + block.errors, block.unread) > block.questions >= 0:
        yield f"questions is {block.questions}, less than those without an answer{at(*place)}"
    yield from _numbers(block.mean, bounds, *place, "mean")
    for video, values in block.videos.items():
        yield from _numbers(values, bounds, *place, "videos", video)
    for id_, values in block.per_expression.items():
        yield from _numbers(values, bounds, *place, "per_expression", id_)
    yield from _ends(block.interval, block.mean, bounds, *place, "interval")
    if block.judge is not None:
        yield from _judge(block.judge, *place, "judge")


def _unlike_means(parsed: ScoresContent) -> Iterator[str]:
    for protocol, tasks in parsed.protocols.items():
        for task, block in tasks.items():
            place = ("protocols", protocol, task)
            yield from list(_sums(block, *place)) or _means(block, *place)


def _means(block: Block, *place: object) -> Iterator[str]:
    """Yield each mean that is not that of the videos, or that is there without them, or they without it."""
    values: dict[str, list[float]] = {}
    for video_values in block.videos.values():
        for name, value in video_values.items():
            values.setdefault(name, []).append(value)
    for name in dict.fromkeys([*block.mean, *values]):
        if name not in values or name not in block.mean:
            yield f"{short(name)} has {'a mean' if name in block.mean else 'videos'} only{at(*place)}"
        elif not _close(block.mean[name], expected := _whole(block, name, values[name])):
            kind = "ratio of the sums" if name in block.sums else "mean"
            yield f"{block.mean[name]:g} is not the {kind} of its videos, {expected:g},{at(*place, 'mean', name)}"


def _whole(block: Block, name: str, values: Sequence[float]) -> float:
    return total(block.sums[name].values()).ratio if name in block.sums else mean(values)


def _close(value: float, other: float) -> bool:
    return isclose(value, other, rel_tol=ROUNDING, abs_tol=ROUNDING)


def _sums(block: Block, *place: object) -> Iterator[str]:
    """Yield each ratio whose sums are not those of its values."""
    for name, videos in block.sums.items():
        videos_with_value = {video for video, values in block.videos.items() if name in values}
        if videos.keys() != videos_with_value:
            yield f"its videos are not those with a value{at(*place, 'sums', name)}"
        for video in videos.keys() & videos_with_value:
            up, down = videos[video]
            if down == 0 or not _close(up / down, block.videos[video][name]):
                yield f"{up:g} / {down:g} is not its value{at(*place, 'sums', name, video)}"


def _numbers(values: Mapping[str, float], bounds: Bounds, *place: object) -> Iterator[str]:
    for name, value in values.items():
        yield from beyond({name: value}, *_limits(name, bounds), *place)


def _limits(name: str, bounds: Bounds) -> tuple[float, float]:
    return bounds.get(name, (-LARGEST, LARGEST))


def _ends(
    interval: Mapping[str, tuple[float, float]], means: Mapping[str, float], bounds: Bounds, *place: object
) -> Iterator[str]:
    for name, (low, high) in interval.items():
        if name not in means:
            yield f"{short(name)} has no mean{at(*place)}"
        if low > high:
            yield f"{low:g} is more than {high:g}{at(*place, name)}"
        yield from beyond({"low": low, "high": high}, *_limits(name, bounds), *place, name)


def _judge(judge: JudgeSummary, *place: object) -> Iterator[str]:
    counts = {"of": judge.of, "judged": judge.judged, "unscored": judge.unscored, "samples": judge.samples}
    yield from beyond({**counts, **judge.reasons}, 0, LARGEST, *place)
    spreads = {"spread": judge.spread, "own_error": judge.own_error, **judge.parts}
    yield from beyond({name: value for name, value in spreads.items() if value is not None}, -LARGEST, LARGEST, *place)


def _part(part: Part, bounds: Bounds, *place: object) -> Iterator[str]:
    yield from beyond({"questions": part.questions, "videos": part.videos}, 0, LARGEST, *place)
    yield from _numbers(part.mean, bounds, *place, "mean")
    yield from _ends(part.interval, part.mean, bounds, *place, "interval")
