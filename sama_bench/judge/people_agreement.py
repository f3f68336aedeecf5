"""How far the people who rated a run agree with each other, and with its judges."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sama_bench.judge.agreement import FEWEST, Agreement, Measure, Ratings, agreement, among_raters
from sama_bench.types import Key
from sama_bench.verdicts.judge_result import HUMAN, Judged


def agreements(
    judged: Mapping[str, Judged], videos: Mapping[Key, str], task: str | None = None
) -> dict[str, Agreement]:
    """The agreement of people (A) with the judge of each other column (B), on questions that both scored.

    `judged` are a run's by column, `videos` those of its questions; `task` narrows both to one. Empty where nobody
    rated, and without a judge that scored three of the same questions.
    """
    if HUMAN not in judged:
        return {}
    people = _scores(judged[HUMAN], videos, task)
    return {
        column: agreement(people, scores)
        for column, judge in judged.items()
        if column != HUMAN
        and len(people.scores.keys() & (scores := _scores(judge, videos, task)).scores.keys()) >= FEWEST
    }


def _scores(judged: Judged, videos: Mapping[Key, str], task: str | None) -> Ratings:
    keys = (key for key in judged.verdicts if task in {None, key.task})
    scores = {key: value for key in keys if (value := judged.value(key)) is not None}
    return Ratings(f"{judged.column} ({judged.label})", scores, videos)


def raters_agree(judged: Mapping[str, Judged], videos: Mapping[Key, str], task: str | None = None) -> Measure | None:
    """Krippendorff's alpha among the people; None where nobody rated, or where there is one rater."""
    if HUMAN not in judged or judged[HUMAN].about["samples"] < 2:
        return None
    people = judged[HUMAN]
    keys = sorted(key for key in people.verdicts if task in {None, key.task})
    if not keys:
        return None
    raters = {rater: place for place, rater in enumerate(people.about.get("raters", ()))}
    values = np.full((len(keys), people.about["samples"]), np.nan)
    for row, key in enumerate(keys):
        for verdict in people.verdicts[key]:
            if verdict.score is not None and verdict.model in raters:
                values[row, raters[verdict.model]] = verdict.score
    return among_raters(values, [videos.get(key, str(key)) for key in keys])
