"""What earlier turns do to a model's answers: numbers of one run, and of runs under several conditions side by side.

A video's value is the mean over its rounds, a number the mean over the videos; intervals draw videos anew, as
everywhere (docs/dialogue.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from statistics import median
from typing import NamedTuple

import numpy as np

from sama_bench.metrics.dialogues import Sighting, ThingsAgain, repetitions, slope, things_again
from sama_bench.score.intervals import LEVEL, RESAMPLES, SEED, Clusters, intervals
from sama_bench.types import Key, Usage

LATE = 5
"""Rounds from this one on stand together: few videos have so many."""
SLOPES = 1_000
USAGE = tuple(count.name for count in fields(Usage))
Values = Mapping[str, Sequence[float]]


class Round(NamedTuple):
    """One round as a run answered it.

    `turn` counts from 1. `values` are the question's own scores by name, in [0, 1], of a question without an answer as
    the strict protocol has them. `silent` is whether it has no answer, or an empty one; `false_grounding` whether it
    has a track, None where the truth has one. `incomplete` is whether a round in its window has no answer; `same` is
    the answer's text and tracks, to see whether two are equal. `usage` is what its prompt took.
    """

    key: Key
    video: str
    turn: int
    values: Mapping[str, float]
    text: str
    silent: bool
    false_grounding: bool | None
    incomplete: bool
    same: object = None
    usage: Usage | None = None


@dataclass(frozen=True)
class RoundsOfRun:
    """The rounds of a run, dialogue by dialogue in order, and the sightings of each video's objects.

    `judges` are the labels of who judged, by column: values of one column by two judges do not compare. `cannot` says
    of metrics why the model has no value, and `grounds` is whether it gives masks.
    """

    name: str
    history: str
    rounds: Sequence[Round]
    sightings: Mapping[str, Sequence[Sighting]]
    judges: Mapping[str, str] = field(default_factory=dict)
    cannot: Mapping[str, str] = field(default_factory=dict)
    grounds: bool = True

    @cached_property
    def again(self) -> Mapping[str, ThingsAgain]:
        """What the sightings of each video's objects come to."""
        return {video: things_again(sightings) for video, sightings in self.sightings.items()}


@dataclass(frozen=True)
class Number:
    """A mean over videos with its 95 % interval (None of fewer than two videos), of so many rounds (or pairs)."""

    value: float
    interval: tuple[float, float] | None
    videos: int
    count: int


@dataclass(frozen=True)
class RunSummary:
    """The numbers of one run. What there is nothing of is None, or left out.

    `things` count the objects that recur; without masks there are none. Numbers by turn have the keys 1, 2, …,
    5+; `usage` has those of each count of `Usage`, in tokens or turns. `cannot` says of metrics why the model has no
    value.
    """

    name: str
    history: str
    rounds: int
    incomplete: int
    things: Mapping[str, int]
    agreement: Number | None
    agreement_jf: Number | None
    accuracy: Number | None
    accuracy_jf: Number | None
    switches: Number | None
    false_groundings: Mapping[str, Number]
    silent: Mapping[str, Number]
    repeated: Number | None
    usage: Mapping[str, Mapping[str, Number]] = field(default_factory=dict)
    cannot: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """With JSON's own types."""
        return asdict(self)


@dataclass(frozen=True)
class HistoryEffect:
    """What the questions of one metric have more under one condition than under another, paired by question.

    `later` is the mean over all rounds behind the first; `slope` is per turn, over all rounds.
    """

    later: Number | None
    by_turn: Mapping[str, Number]
    slope: Number | None
    after_wrong: Number | None = None
    after_right: Number | None = None


@dataclass(frozen=True)
class PairSummary:
    """The effects by metric of `history` over `instead_of`.

    Of `first_rounds`, which are asked alike, `first_equal` have the same answer to the letter and the pixel. `overall`
    are differences of the numbers that are of all turns together (`overall_values`), by name. `not_compared` says why
    columns of judges are left out.
    """

    history: str
    instead_of: str
    first_rounds: int
    first_equal: int
    metrics: Mapping[str, HistoryEffect] = field(default_factory=dict)
    overall: Mapping[str, Number] = field(default_factory=dict)
    not_compared: Sequence[str] = ()

    def to_json(self) -> dict[str, object]:
        """With JSON's own types."""
        return asdict(self)


def over_videos(values: Values) -> Number | None:
    """The mean over the videos of their means; None where no video has a value."""
    present = {video: list(some) for video, some in values.items() if len(some)}
    if not present:
        return None
    means = [[sum(some) / len(some)] for some in present.values()]
    interval = intervals(Clusters.of(means), ["value"]).get("value")
    value = sum(mean for (mean,) in means) / len(means)
    return Number(value, interval, len(means), sum(map(len, present.values())))


def of_run(run: RoundsOfRun) -> RunSummary:
    """The numbers of one run by itself."""
    overall = {name: over_videos(values) for name, values in overall_values(run).items()}
    grounded = [one for one in run.rounds if one.false_grounding is not None]
    return RunSummary(
        name=run.name,
        history=run.history,
        rounds=len(run.rounds),
        incomplete=sum(one.incomplete for one in run.rounds),
        things=_things(run),
        agreement=overall["agreement"],
        agreement_jf=overall["agreement_jf"],
        accuracy=overall["accuracy"],
        accuracy_jf=overall["accuracy_jf"],
        switches=overall["switches"],
        false_groundings=_by_turn(grounded, lambda one: float(bool(one.false_grounding))),
        silent=_by_turn(run.rounds, lambda one: float(one.silent)),
        repeated=overall["repeated"],
        usage=_usage(run.rounds),
        cannot=dict(run.cannot),
    )


def _things(run: RoundsOfRun) -> dict[str, int]:
    if not run.grounds:
        return {}
    return {
        "in all rounds": sum(one.in_all for one in run.again.values()),
        "in some": sum(one.in_some for one in run.again.values()),
        "in none": sum(one.in_none for one in run.again.values()),
    }


def overall_values(run: RoundsOfRun) -> dict[str, dict[str, list[float]]]:
    """The values of each number that is of all turns together, by its name, then by video."""
    again = run.again if run.grounds else {}
    silent: dict[str, list[float]] = {}
    false_groundings: dict[str, list[float]] = {}
    for one in run.rounds:
        silent.setdefault(one.video, []).append(float(one.silent))
        if one.false_grounding is not None:
            false_groundings.setdefault(one.video, []).append(float(one.false_grounding))
    return {
        "found": {video: [one.in_all / one.count] for video, one in again.items() if one.count},
        "agreement": {video: one.agreements for video, one in again.items()},
        "agreement_jf": {video: one.jf_agreements for video, one in again.items()},
        "accuracy": {video: one.accuracies for video, one in again.items()},
        "accuracy_jf": {video: one.jf_accuracies for video, one in again.items()},
        "switches": {video: [*map(float, one.switches)] for video, one in again.items()},
        "false_groundings": false_groundings,
        "silent": silent,
        "repeated": _repeated(run.rounds),
    }


def _usage(rounds: Sequence[Round]) -> dict[str, dict[str, Number]]:
    """What the prompts took, by turn; a count that no answer told is absent."""
    by_name: dict[str, dict[str, Number]] = {}
    for name in USAGE:
        counted = [one for one in rounds if one.usage is not None and getattr(one.usage, name) is not None]
        if counted:
            by_name[name] = _by_turn(counted, lambda one, name=name: float(getattr(one.usage, name)))
    return by_name


def of_pair(run: RoundsOfRun, instead_of: RoundsOfRun, *, split: bool = False) -> PairSummary:
    """What `run` has more than another run of the same questions, whose turns are counted as in `run`.

    With `split` also apart where the round before was answered wrongly in `run` (a value of 0, or below the median of
    the video's), and where rightly.
    """
    others = {one.key: one for one in instead_of.rounds}
    pairs = [(one, others[one.key]) for one in run.rounds if one.key in others]
    first = [(one, other) for one, other in pairs if one.turn == 1]
    judges = run.judges.keys() & instead_of.judges.keys()
    unlike = sorted(column for column in judges if run.judges[column] != instead_of.judges[column])
    names = [name for name in dict.fromkeys(name for one, _ in pairs for name in one.values) if name not in unlike]
    effects = {name: _effect(name, run.rounds, pairs, split) for name in names}
    return PairSummary(
        run.history,
        instead_of.history,
        len(first),
        sum(one.same == other.same for one, other in first),
        {name: effect for name, effect in effects.items() if effect.by_turn},
        _overall_differences(run, instead_of),
        [
            f"{column}: {run.judges[column]} judged {run.name}, {instead_of.judges[column]} {instead_of.name}"
            for column in unlike
        ],
    )


def _overall_differences(run: RoundsOfRun, instead_of: RoundsOfRun) -> dict[str, Number]:
    """What the numbers of all turns together are more, over the videos that have a value in both."""
    values, others = overall_values(run), overall_values(instead_of)
    differences = {
        name: over_videos(
            {
                video: [sum(some) / len(some) - sum(others[name][video]) / len(others[name][video])]
                for video, some in values[name].items()
                if some and others[name].get(video)
            }
        )
        for name in values
    }
    return {name: number for name, number in differences.items() if number is not None}


class _Difference(NamedTuple):
    key: Key
    video: str
    turn: int
    more: float


def _effect(name: str, rounds: Sequence[Round], pairs: Sequence[tuple[Round, Round]], split: bool) -> HistoryEffect:
    differences = [
        _Difference(one.key, one.video, one.turn, one.values[name] - other.values[name])
        for one, other in pairs
        if name in one.values and name in other.values
    ]
    later = [one for one in differences if one.turn > 1]
    wrong, right = _by_round_before(name, rounds, later) if split else ([], [])
    return HistoryEffect(
        over_videos(_of(later)),
        _by_turn(differences, lambda one: one.more),
        _slope(differences),
        over_videos(_of(wrong)),
        over_videos(_of(right)),
    )


def _of(differences: Iterable[_Difference]) -> dict[str, list[float]]:
    by_video: dict[str, list[float]] = {}
    for one in differences:
        by_video.setdefault(one.video, []).append(one.more)
    return by_video


def _by_turn(rounds: Sequence[Round] | Sequence[_Difference], value: Callable[..., float]) -> dict[str, Number]:
    by_turn: dict[int, dict[str, list[float]]] = {}
    for one in rounds:
        by_turn.setdefault(min(one.turn, LATE), {}).setdefault(one.video, []).append(value(one))
    numbers = ((turn, over_videos(values)) for turn, values in sorted(by_turn.items()))
    return {f"{turn}+" if turn == LATE else str(turn): number for turn, number in numbers if number is not None}


def _by_round_before(
    name: str, rounds: Sequence[Round], differences: Sequence[_Difference]
) -> tuple[list[_Difference], list[_Difference]]:
    """The differences behind a round that was answered wrongly, and rightly; those behind one without value in none."""
    at = {(one.key.task, one.video, one.turn): one.values[name] for one in rounds if name in one.values}
    by_video: dict[str, list[float]] = {}
    for (_, video, _), value in at.items():
        by_video.setdefault(video, []).append(value)
    middle = {video: median(values) for video, values in by_video.items()}
    wrong: list[_Difference] = []
    right: list[_Difference] = []
    for one in differences:
        before = at.get((one.key.task, one.video, one.turn - 1))
        if before is not None:
            (wrong if before == 0 or before < middle[one.video] else right).append(one)
    return wrong, right


def _slope(differences: Sequence[_Difference]) -> Number | None:
    """The slope over the turns of all differences together, with videos drawn anew."""
    points: dict[str, list[tuple[float, float]]] = {}
    for one in differences:
        points.setdefault(one.video, []).append((one.turn, one.more))
    whole = slope([point for some in points.values() for point in some])
    if whole is None:
        return None
    return Number(whole, _slope_interval(list(points.values())), len(points), len(differences))


def _slope_interval(points: Sequence[Sequence[tuple[float, float]]]) -> tuple[float, float] | None:
    """The quantiles of the slope over draws of videos; None of fewer than two, or where a slope is rarely defined."""
    if len(points) < 2:
        return None
    sums = np.array(
        [
            [len(some), *(sum(column) for column in zip(*((x, y, x * y, x * x) for x, y in some), strict=True))]
            for some in points
        ]
    )
    random = np.random.default_rng(SEED)
    draws = random.multinomial(len(points), np.full(len(points), 1 / len(points)), size=SLOPES)
    n, x, y, xy, xx = (draws @ sums).T
    below = n * xx - x * x
    defined = below > 0
    if defined.sum() < SLOPES / 2:
        return None
    slopes = (n * xy - x * y)[defined] / below[defined]
    low, high = np.quantile(slopes, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _repeated(rounds: Sequence[Round]) -> dict[str, list[float]]:
    dialogues: dict[tuple[str, str], list[Round]] = {}
    for one in rounds:
        dialogues.setdefault((one.key.task, one.video), []).append(one)
    by_video: dict[str, list[float]] = {}
    for (_, video), some in dialogues.items():
        told = repetitions([one.text for one in sorted(some, key=lambda one: one.turn)])
        by_video.setdefault(video, []).extend(float(one) for one in told if one is not None)
    return by_video


HOW = {"level": LEVEL, "resamples": RESAMPLES, "resamples of slopes": SLOPES, "seed": SEED}
