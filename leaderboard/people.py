"""Ratings by people as boards like all others: their mean beside the judges' on the same questions, and agreement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sama_bench.benchmark.installed import load_task, tasks
from sama_bench.judge.agreement import Measure
from sama_bench.judge.people_agreement import agreements, raters_agree
from sama_bench.leaderboard.board import Board, Row, ScoredRun
from sama_bench.metric import Metric
from sama_bench.run.store import Store
from sama_bench.score.intervals import LEVEL, RESAMPLES, SEED
from sama_bench.types import Key
from sama_bench.verdicts.judge_result import HUMAN, Judged

PROTOCOL = "people"
SHOWN = ("Spearman", "Krippendorff", "Cohen")
Ends = tuple[float, float]


@dataclass(frozen=True)
class PeopleBoard(Board):
    """Columns: the people's mean, that of each judge on the same questions, and how far both agree (100 is wholly)."""

    @property
    def title(self) -> str:
        """The table's title."""
        return f"{load_task(self.task).alias}, ratings by people"

    @property
    def scope(self) -> str:
        """The number of questions that the numbers rest on, and their scale."""
        return (
            f"{self.questions} questions of {self.videos} videos that people rated, percent; agreement: 100 is wholly"
        )


@dataclass(frozen=True)
class _Rated:
    """A run whose answers to a task people rated."""

    run: ScoredRun
    judged: Mapping[str, Judged]
    videos: Mapping[Key, str]
    keys: Sequence[Key]


def people_boards(runs: Sequence[ScoredRun]) -> list[PeopleBoard]:
    """A board for each task of which people rated answers, a row for each run that they rated, ranked by them.

    Runs stand together only where the same questions were rated: on other ones people may be kinder.
    """
    rated = [(run, *_read(run)) for run in runs if run.stored]
    boards = []
    for task in tasks():
        groups: dict[tuple[Key, ...], list[_Rated]] = {}
        for run, judged, videos in rated:
            keys = _keys(judged, task.key)
            if keys:
                groups.setdefault(tuple(keys), []).append(_Rated(run, judged, videos, keys))
        boards += [_board(task.key, keys, members) for keys, members in groups.items()]
    return boards


def _read(run: ScoredRun) -> tuple[Mapping[str, Judged], Mapping[Key, str]]:
    with Store.open(run.path) as store:
        judged = store.judged()
        if HUMAN not in judged:
            return {}, {}
        return judged, {key: video for video in store.videos() for key in store.predictions(video)}


def _keys(judged: Mapping[str, Judged], task: str) -> list[Key]:
    if HUMAN not in judged:
        return []
    return sorted(key for key in judged[HUMAN].verdicts if key.task == task)


def _board(task: str, keys: Sequence[Key], members: Sequence[_Rated]) -> PeopleBoard:
    rows = [_row(task, member) for member in members]
    names = dict.fromkeys(name for row in rows for name in row.values)
    columns = tuple(Metric(PROTOCOL, name, name, bounds=(-1.0, 1.0)) for name in names)
    who = "+".join(dict.fromkeys(member.judged[HUMAN].label for member in members))
    signature = f"task:{task}|protocol:{PROTOCOL}|questions:{len(keys)}|judge:{who}"
    videos = len({members[0].videos.get(key, "") for key in keys})
    return PeopleBoard(task, PROTOCOL, signature, len(keys), videos, columns, tuple(rows))


def _row(task: str, rated: _Rated) -> Row:
    values: dict[str, float] = {}
    intervals: dict[str, Ends] = {}
    for column, judge in sorted(rated.judged.items(), key=lambda item: item[0] != HUMAN):
        if (mean := _mean(judge, rated)) is not None:
            values[column], ends = mean
            intervals |= {} if ends is None else {column: ends}
    among = raters_agree(rated.judged, rated.videos, task)
    _put(values, intervals, "Krippendorff of people", among)
    for column, agreement in agreements(rated.judged, rated.videos, task).items():
        for measure in agreement.measures:
            if measure.name in SHOWN:
                _put(values, intervals, f"{measure.name} with {column}", measure)
    return Row(rated.run.model, str(rated.run.path), values, {}, rated.run.sees_truth, intervals)


def _put(values: dict[str, float], intervals: dict[str, Ends], name: str, measure: Measure | None) -> None:
    if measure is not None and measure.value is not None:
        values[name] = measure.value
        intervals |= {} if measure.interval is None else {name: measure.interval}


def _mean(judge: Judged, rated: _Rated) -> tuple[float, Ends | None] | None:
    """The mean over the videos of the rated questions' means, with its interval; None where the judge scored none."""
    by_video: dict[str, list[float]] = {}
    for key in rated.keys:
        value = judge.value(key)
        if value is not None:
            by_video.setdefault(rated.videos.get(key, str(key)), []).append(value)
    if not by_video:
        return None
    means = np.array([float(np.mean(values)) for values in by_video.values()])
    if len(means) < 2:
        return float(means.mean()), None
    draws = np.random.default_rng(SEED).integers(0, len(means), (RESAMPLES, len(means)))
    low, high = np.quantile(means[draws].mean(axis=1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(means.mean()), (float(low), float(high))
