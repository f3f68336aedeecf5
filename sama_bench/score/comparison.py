"""Two scored runs against each other: paired, clustered by video (docs/statistics.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from sama_bench.benchmark.installed import load_task, tasks
from sama_bench.dialogue import ALONE
from sama_bench.errors import UserError
from sama_bench.metric import Metric, common_signature, question_values
from sama_bench.run.manifest import RunSettings, only_history_differs
from sama_bench.run.names import Named, labels
from sama_bench.score.block import USUAL, Block
from sama_bench.score.comparison_summary import Change, changes, sentence
from sama_bench.score.intervals import DIFFERENCE_METHOD, Floats, difference_intervals, swap_p_values
from sama_bench.score.scores import Scores
from sama_bench.score.signature import HISTORY, line, shared
from sama_bench.statistics import QuestionStatistics
from sama_bench.types import Key

Unit: TypeAlias = Literal["question", "video"]
TEST = "swaps of whole videos between the runs"
ABSENT = "(absent)"
AMEND = {HISTORY: "only the folders of one model's runs that differ in nothing else compare"}


@dataclass(frozen=True)
class Side:
    """One of the two: its name, its scores, and where they are known the statistics of its questions and its settings.

    Parts of the signature that are `free` may be others on the other side. `called` is what the run can be called by,
    where it is one; `sees_truth` whether its model is shown the truth.
    """

    name: str
    scores: Scores
    statistics: Mapping[Key, QuestionStatistics] = field(default_factory=dict)
    settings: RunSettings | None = None
    free: Collection[str] = ()
    called: Named | None = None
    sees_truth: bool = False


class Tally(NamedTuple):
    """In how many questions, or videos, the second run does better, equally well and worse than the first."""

    unit: Unit
    better: int
    equal: int
    worse: int


@dataclass(frozen=True)
class Line:
    """One metric: the means `a` and `b`, what `b` has more, its 95 % interval and its two-sided p-value.

    Interval and p-value are None where one of the two has fewer than two videos with a value. `videos` counts those
    with a value in both.
    """

    metric: Metric
    a: float
    b: float
    difference: float
    interval: tuple[float, float] | None
    p: float | None
    videos: int
    tally: Tally

    def to_json(self) -> dict[str, object]:
        """The line with JSON's own types."""
        interval = None if self.interval is None else list(self.interval)
        numbers = {"a": self.a, "b": self.b, "difference": self.difference, "interval": interval, "p": self.p}
        higher = {"higher_is_better": self.metric.higher_is_better}
        return {**numbers, "videos": self.videos, "tally": self.tally._asdict(), **higher}


@dataclass(frozen=True)
class Comparison:
    """All lines by protocol and task, in a fixed order; `left_out` names what only one of the two was scored for.

    `asked` says for each of the two how its model was asked, None where that was no choice. `histories` are the two's,
    where they are one model's runs under two. `labels` are what the two are called in words, `changed` the questions
    that changed most.
    """

    names: tuple[str, str]
    signatures: Mapping[tuple[str, str], str]
    lines: Mapping[tuple[str, str], Sequence[Line]]
    left_out: Sequence[str]
    asked: tuple[str | None, str | None] = (None, None)
    histories: tuple[str, str] | None = None
    labels: tuple[str, str] = ("A", "B")
    changed: Sequence[Change] = ()

    @property
    def sentence(self) -> str:
        """Which of the two is better, on what, and how sure that is."""
        return sentence(self.lines, self.labels)

    def to_json(self) -> dict[str, object]:
        """The comparison with JSON's own types."""
        by_protocol: dict[str, Any] = {}
        for (protocol, task), lines in self.lines.items():
            metrics = {line.metric.name: line.to_json() for line in lines}
            block = {"signature": self.signatures[protocol, task], "metrics": metrics}
            by_protocol.setdefault(protocol, {})[task] = block
        method = {**USUAL.to_json(), "method": DIFFERENCE_METHOD, "test": TEST}
        ways = {"asked": list(self.asked)} if any(self.asked) else {}
        histories = {} if self.histories is None else {"histories": list(self.histories)}
        names = {"a": self.names[0], "b": self.names[1], **ways, **histories}
        summary = {"summary": self.sentence, "labels": list(self.labels)}
        changed = {"changed_questions": [change.to_json() for change in self.changed]}
        parts = {"how": method, "protocols": by_protocol, "left_out": list(self.left_out)}
        return {**names, **summary, **parts, **changed}


def compare(a: Side, b: Side) -> Comparison:
    """Compare two scored runs in all that both were scored for in the same way.

    A metric whose own signature differs is left out, and named. Raises UserError where signatures differ in what all
    metrics depend on, naming every part that does, and where there is nothing to compare. Runs of one model that differ
    in the history alone compare.
    """
    histories = _histories(a, b)
    if histories is not None:
        a, b = (replace(side, free=(HISTORY,)) for side in (a, b))
    in_both, in_one = _places(a.scores, b.scores)
    if difference := difference_line(a, b, in_both):
        raise UserError(difference)
    if not in_both:
        raise UserError(f"{a.name} and {b.name} were scored for different tasks: there is nothing to compare")
    left_out = [
        f"{protocol}, task {task}: only in {a.name if a.scores.block(task, protocol) else b.name}"
        for protocol, task in in_one
    ]
    left_out += [reason for place in in_both for reason in unlike_metrics(a, b, place)]
    signatures = {place: line(_alike(a, b, place)) for place in in_both}
    ways = (_wording(a, in_both[0]), _wording(b, in_both[0]))
    lines = {place: _lines(a, b, *place) for place in in_both}
    names = (a.name, b.name)
    return Comparison(names, signatures, lines, left_out, ways, histories, _labels(a, b), _changes(a, b, in_both))


def _histories(a: Side, b: Side) -> tuple[str, str] | None:
    """The histories of one model's runs that differ in nothing else; None of others."""
    if a.settings is None or b.settings is None or not only_history_differs(a.settings, b.settings):
        return None
    return a.settings.history or ALONE.label, b.settings.history or ALONE.label


def _labels(a: Side, b: Side) -> tuple[str, str]:
    """The runs' names, or their models with what parts them; of what is no run, its name. And who knew the truth."""
    called = [side.called for side in (a, b) if side.called is not None]
    names = iter(labels(called))
    plain = [side.name if side.called is None else next(names) for side in (a, b)]
    first, other = (
        f"{name} (shown the truth)" if side.sees_truth else name for name, side in zip(plain, (a, b), strict=True)
    )
    return first, other


def _changes(a: Side, b: Side, places: Sequence[tuple[str, str]]) -> list[Change]:
    """The questions that changed most, by the task's main protocol, or the last that was compared."""
    metrics: dict[str, list[Metric]] = {}
    for protocol, task in places:
        if task not in metrics or protocol == load_task(task).main_protocol.name:
            metrics[task] = alike_metrics(a, b, (protocol, task))
    return changes(a.statistics, b.statistics, metrics)


def _signature(side: Side, place: tuple[str, str]) -> Mapping[str, object]:
    made_of = side.scores.made_of(place[1], place[0])
    return {part: value for part, value in made_of.items() if part not in side.free}


def _alike(a: Side, b: Side, place: tuple[str, str]) -> dict[str, object]:
    """The parts of the signatures in which both agree, but how the models were asked."""
    first, other = (shared(_signature(side, place)) for side in (a, b))
    return {part: value for part, value in first.items() if _value_text(first, part) == _value_text(other, part)}


def _wording(side: Side, place: tuple[str, str]) -> str | None:
    way = _signature(side, place).get("asked")
    return None if way is None else str(way)


def _places(a: Scores, b: Scores) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The protocols and tasks that both were scored for, and those that only one of them was."""
    all_places = [(protocol, task.key) for task in tasks() for protocol in task.protocols]
    scored_sides = [[side.block(task, protocol) is not None for side in (a, b)] for protocol, task in all_places]
    in_both = [place for place, has in zip(all_places, scored_sides, strict=True) if all(has)]
    return in_both, [place for place, has in zip(all_places, scored_sides, strict=True) if any(has) and not all(has)]


def difference_line(a: Side, b: Side, places: Iterable[tuple[str, str]]) -> str:
    """Why two runs cannot be compared, in a line; empty where they can.

    It names each part of the signatures that all metrics depend on and that differs in `places` (protocol and task),
    with both values, the values that several places share once.
    """
    values_by_part: dict[str, dict[tuple[str, str], list[str]]] = {}
    unique_places = list(dict.fromkeys(places))
    for protocol, task in unique_places:
        first, other = (common_signature(_signature(side, (protocol, task))) for side in (a, b))
        for part in _unlike(first, other):
            values = _value_text(first, part), _value_text(other, part)
            values_by_part.setdefault(part, {}).setdefault(values, []).append(f"{protocol} {task}")
    if not values_by_part:
        return ""
    parts = "; ".join(
        f"{part} {' and '.join(values)}" + (f" ({', '.join(where)})" if len(where) < len(unique_places) else "")
        for part, by_values in values_by_part.items()
        for values, where in by_values.items()
    )
    return f"{a.name} and {b.name} cannot be compared: {_remedy(values_by_part)}: {parts}"


def _remedy(parts: Iterable[str]) -> str:
    """What is to be done about parts that differ."""
    if "benchmark" in parts:
        return "they are of two benchmarks, or of two states of one"
    if "selection" in parts:
        return "they were asked other questions, ask both the same"
    return "; ".join(AMEND[part] for part in parts if part in AMEND) or "score both in the same way"


def unlike_metrics(a: Side, b: Side, place: tuple[str, str]) -> list[str]:
    """The metrics that both have and that were not made in the same way, those of one reason in a line."""
    protocol, task = place
    reasons: dict[str, list[str]] = {}
    for metric in _common_metrics(a, b, place):
        if parts := unlike(metric, a, b, place):
            reasons.setdefault("; ".join(parts), []).append(metric.label)
    return [f"{protocol}, task {task}: {', '.join(labels)}: {reason}" for reason, labels in reasons.items()]


def unlike(metric: Metric, a: Side, b: Side, place: tuple[str, str]) -> list[str]:
    """Each part in which the signatures of a metric differ, with its value on both sides."""
    first, other = (metric.own_signature(_signature(side, place)) for side in (a, b))
    return [
        f"{part} is {_value_text(first, part)} in {a.name}, {_value_text(other, part)} in {b.name}"
        for part in _unlike(first, other)
    ]


def _unlike(first: Mapping[str, object], other: Mapping[str, object]) -> list[str]:
    return [part for part in dict.fromkeys([*first, *other]) if _value_text(first, part) != _value_text(other, part)]


def _value_text(signature: Mapping[str, object], part: str) -> str:
    value = signature.get(part, ABSENT)
    return "none" if value is None else str(value)


def _common_metrics(a: Side, b: Side, place: tuple[str, str]) -> list[Metric]:
    """The metrics that both have a value of."""
    protocol, task = place
    first, other = (side.scores.protocols[protocol][task] for side in (a, b))
    return [
        metric for metric in load_task(task).columns(protocol) if metric.name in first.mean.keys() & other.mean.keys()
    ]


def alike_metrics(a: Side, b: Side, place: tuple[str, str]) -> list[Metric]:
    """The metrics that both have a value of, made in the same way."""
    return [metric for metric in _common_metrics(a, b, place) if not unlike(metric, a, b, place)]


def _lines(a: Side, b: Side, protocol: str, task: str) -> list[Line]:
    blocks = a.scores.protocols[protocol][task], b.scores.protocols[protocol][task]
    metrics = alike_metrics(a, b, (protocol, task))
    names = [metric.name for metric in metrics]
    videos = sorted(blocks[0].videos.keys() | blocks[1].videos.keys())
    first, other = (block.clusters(names, videos) for block in blocks)
    intervals, p_values = difference_intervals(first, other), swap_p_values(first, other)
    questions = _paired_questions(a, b, task, metrics)
    return [
        _line(
            metric,
            blocks,
            (first.values[:, n], other.values[:, n]),
            (*intervals[n].tolist(), float(p_values[n])),
            questions.get(metric.name),
        )
        for n, metric in enumerate(metrics)
    ]


def _line(
    metric: Metric,
    blocks: tuple[Block, Block],
    columns: tuple[Floats, Floats],
    statistics: tuple[float, float, float],
    questions: list[tuple[float, float]] | None,
) -> Line:
    a, b = (block.mean[metric.name] for block in blocks)
    low, high, p = statistics
    tested = not np.isnan(p)
    videos = [(float(x), float(y)) for x, y in zip(*columns, strict=True) if not (np.isnan(x) or np.isnan(y))]
    tally = (
        _tally("video", videos, metric.higher_is_better)
        if questions is None
        else _tally("question", questions, metric.higher_is_better)
    )
    return Line(metric, a, b, b - a, (low, high) if tested else None, p if tested else None, len(videos), tally)


def _tally(unit: Unit, pairs: Iterable[tuple[float, float]], higher_is_better: bool) -> Tally:
    gains = [(b - a) * (1 if higher_is_better else -1) for a, b in pairs]
    return Tally(unit, sum(gain > 0 for gain in gains), gains.count(0.0), sum(gain < 0 for gain in gains))


def _paired_questions(a: Side, b: Side, task: str, metrics: Sequence[Metric]) -> dict[str, list[tuple[float, float]]]:
    """The pairs of values of each metric that single questions have."""
    pairs: dict[str, list[tuple[float, float]]] = {}
    for key in (key for key in a.statistics if key.task == task and key in b.statistics):
        first, other = (question_values(metrics, side.statistics[key]) for side in (a, b))
        for name in first.keys() & other.keys():
            pairs.setdefault(name, []).append((first[name], other[name]))
    return pairs
