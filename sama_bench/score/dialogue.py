"""What earlier turns do to a model's answers: numbers of one run, and of runs under several conditions side by side.

A video's value is the mean over its rounds, a number the mean over the videos; intervals draw videos anew, as
everywhere (docs/dialogue.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import NamedTuple

import numpy as np

from sama_bench.metrics.dialogues import Sighting, repetitions, slope, things_again
from sama_bench.score.intervals import LEVEL, RESAMPLES, SEED, Clusters, intervals
from sama_bench.types import Key

LATE = 5
"""Rounds from this one on stand together: few videos have so many."""
SLOPES = 1_000
Values = Mapping[str, Sequence[float]]


class Round(NamedTuple):
    """One round as a run answered it.

    `turn` counts from 1. `values` are the question's own scores by name, in [0, 1], of a question without an answer as
    the strict protocol has them. `silent` is whether it has no answer, or an empty one; `false_grounding` whether it
    has a track, None where the truth has one. `incomplete` is whether a round in its window has no answer; `same` is
    the answer's text and tracks, to see whether two are equal.
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


@dataclass(frozen=True)
class RoundsOfRun:
    """The rounds of a run, dialogue by dialogue in order, and the sightings of each video's objects."""

    name: str
    history: str
    rounds: Sequence[Round]
    sightings: Mapping[str, Sequence[Sighting]]


@dataclass(frozen=True)
class Number:
    """A mean over videos with its 95 % interval (None of fewer than two videos), of so many rounds (or pairs)."""

    value: float
    interval: tuple[float, float] | None
    videos: int
    count: int


@dataclass(frozen=True)
class RunSummary:
    """The numbers of one run; `by_turn` have the keys 1, 2, …, 5+. What there is nothing of is None, or left out."""

    name: str
    history: str
    rounds: int
    incomplete: int
    things: Mapping[str, int]
    agreement: Number | None
    accuracy: Number | None
    switches: Number | None
    false_groundings: Mapping[str, Number]
    silent: Mapping[str, Number]
    repeated: Number | None

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

    Of `first_rounds`, which are asked alike, `first_equal` have the same answer to the letter and the pixel.
    """

    history: str
    instead_of: str
    first_rounds: int
    first_equal: int
    metrics: Mapping[str, HistoryEffect] = field(default_factory=dict)

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
    counts_by_video = {video: things_again(sightings) for video, sightings in run.sightings.items()}
    things = {
        "in all rounds": sum(counts.in_all for counts in counts_by_video.values()),
        "in some": sum(counts.in_some for counts in counts_by_video.values()),
        "in none": sum(counts.in_none for counts in counts_by_video.values()),
    }
    grounded = [round_ for round_ in run.rounds if round_.false_grounding is not None]
    return RunSummary(
        name=run.name,
        history=run.history,
        rounds=len(run.rounds),
        incomplete=sum(round_.incomplete for round_ in run.rounds),
        things=things,
        agreement=over_videos({video: counts.agreements for video, counts in counts_by_video.items()}),
        accuracy=over_videos({video: counts.accuracies for video, counts in counts_by_video.items()}),
        switches=over_videos({video: [*map(float, counts.switches)] for video, counts in counts_by_video.items()}),
        false_groundings=_by_turn(grounded, lambda round_: float(bool(round_.false_grounding))),
        silent=_by_turn(run.rounds, lambda round_: float(round_.silent)),
        repeated=over_videos(_repeated(run.rounds)),
    )


def of_pair(run: RoundsOfRun, instead_of: RoundsOfRun, *, split: bool = False) -> PairSummary:
    """What `run` has more than another run of the same questions, whose turns are counted as in `run`.

    With `split` also apart where the round before was answered wrongly in `run` (a value of 0, or below the median of
    the video's), and where rightly.
    """
    others = {round_.key: round_ for round_ in instead_of.rounds}
    pairs = [(round_, others[round_.key]) for round_ in run.rounds if round_.key in others]
    first = [(round_, other) for round_, other in pairs if round_.turn == 1]
    names = dict.fromkeys(name for round_, _ in pairs for name in round_.values)
    return PairSummary(
        run.history,
        instead_of.history,
        len(first),
        sum(round_.same == other.same for round_, other in first),
        {name: _effect(name, run.rounds, pairs, split) for name in names},
    )


class _Difference(NamedTuple):
    key: Key
    video: str
    turn: int
    more: float


def _effect(name: str, rounds: Sequence[Round], pairs: Sequence[tuple[Round, Round]], split: bool) -> HistoryEffect:
    differences = [
        _Difference(round_.key, round_.video, round_.turn, round_.values[name] - other.values[name])
        for round_, other in pairs
        if name in round_.values and name in other.values
    ]
    later = [difference for difference in differences if difference.turn > 1]
    wrong, right = _by_round_before(name, rounds, later) if split else ([], [])
    return HistoryEffect(
        over_videos(_differences_by_video(later)),
        _by_turn(differences, lambda difference: difference.more),
        _slope(differences),
        over_videos(_differences_by_video(wrong)),
        over_videos(_differences_by_video(right)),
    )


def _differences_by_video(differences: Iterable[_Difference]) -> dict[str, list[float]]:
    by_video: dict[str, list[float]] = {}
    for difference in differences:
        by_video.setdefault(difference.video, []).append(difference.more)
    return by_video


def _by_turn(rounds: Sequence[Round] | Sequence[_Difference], value: Callable[..., float]) -> dict[str, Number]:
    by_turn: dict[int, dict[str, list[float]]] = {}
    for round_ in rounds:
        by_turn.setdefault(min(round_.turn, LATE), {}).setdefault(round_.video, []).append(value(round_))
    numbers = ((turn, over_videos(values)) for turn, values in sorted(by_turn.items()))
    return {f"{turn}+" if turn == LATE else str(turn): number for turn, number in numbers if number is not None}


def _by_round_before(
    name: str, rounds: Sequence[Round], differences: Sequence[_Difference]
) -> tuple[list[_Difference], list[_Difference]]:
    """The differences behind a round that was answered wrongly, and rightly; those behind one without value in none."""
    at = {
        (round_.key.task, round_.video, round_.turn): round_.values[name] for round_ in rounds if name in round_.values
    }
    by_video: dict[str, list[float]] = {}
    for (_, video, _), value in at.items():
        by_video.setdefault(video, []).append(value)
    middle = {video: median(values) for video, values in by_video.items()}
    wrong: list[_Difference] = []
    right: list[_Difference] = []
    for difference in differences:
        before = at.get((difference.key.task, difference.video, difference.turn - 1))
        if before is not None:
            (wrong if before == 0 or before < middle[difference.video] else right).append(difference)
    return wrong, right


def _slope(differences: Sequence[_Difference]) -> Number | None:
    """The slope over the turns of all differences together, with videos drawn anew."""
    points: dict[str, list[tuple[float, float]]] = {}
    for difference in differences:
        points.setdefault(difference.video, []).append((difference.turn, difference.more))
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
    for round_ in rounds:
        dialogues.setdefault((round_.key.task, round_.video), []).append(round_)
    by_video: dict[str, list[float]] = {}
    for (_, video), some in dialogues.items():
        repeats = repetitions([round_.text for round_ in sorted(some, key=lambda round_: round_.turn)])
        by_video.setdefault(video, []).extend(float(repeat) for repeat in repeats if repeat is not None)
    return by_video


HOW = {"level": LEVEL, "resamples": RESAMPLES, "resamples of slopes": SLOPES, "seed": SEED}
