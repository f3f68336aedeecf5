"""The drops of single videos between two scored runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sama_bench.errors import UserError
from sama_bench.gate.rules import Rule
from sama_bench.score.intervals import Floats, table
from sama_bench.score.scores import Scores

POINTS = 100.0


@dataclass(frozen=True)
class Evidence:
    """What two runs say of one rule, in points; a drop is positive where the candidate is worse.

    `drops` holds one value per video, whose mean is exactly the drop of the two means; NaN for a video in which the
    metric is undefined in both.
    """

    rule: Rule
    baseline: float
    candidate: float
    drops: Floats

    @property
    def drop(self) -> float:
        """By how many points the candidate is worse."""
        return (self.baseline - self.candidate) * (1 if self.rule.metric.higher_is_better else -1)

    @property
    def videos(self) -> int:
        """How many videos have a say."""
        return int((~np.isnan(self.drops)).sum())

    @property
    def spread(self) -> float:
        """Standard deviation of the drops over videos, in points; 0 with fewer than two."""
        known = self.drops[~np.isnan(self.drops)]
        return float(known.std(ddof=1)) if known.size > 1 else 0.0


def gather(rules: Sequence[Rule], baseline: Scores, candidate: Scores) -> list[Evidence]:
    """The evidence for each rule, all over the same order of videos.

    Raises UserError naming every rule whose metric one of the two was not scored for.
    """
    problems = [
        f"{rule.name}: {side} has no {rule.metric.label} ({rule.metric.protocol}) in task {rule.task}"
        for rule in rules
        for side, scores in (("the baseline", baseline), ("the candidate", candidate))
        if rule.metric.name not in _block(scores, rule).get("mean", {})
    ]
    if problems:
        raise UserError(problems)
    videos = sorted({video for rule in rules for one in (baseline, candidate) for video in _videos(one, rule)})
    return [_evidence(rule, baseline, candidate, videos) for rule in rules]


def _evidence(rule: Rule, baseline: Scores, candidate: Scores, videos: Sequence[str]) -> Evidence:
    sign = 1.0 if rule.metric.higher_is_better else -1.0
    a, b = (POINTS * table(_videos(one, rule), videos, [rule.metric.name])[:, 0] for one in (baseline, candidate))
    means = [POINTS * float(_block(one, rule)["mean"][rule.metric.name]) for one in (baseline, candidate)]
    return Evidence(rule, means[0], means[1], sign * influences(a, b))


def influences(a: Floats, b: Floats) -> Floats:
    """What each video does to mean(a) - mean(b), each mean over the videos that have the value (NaN where not).

    a - b where all have both; else the linear part (the influence function) of the difference of the two means.
    The mean over the videos that have either is that difference. Shape (videos,), NaN where both are NaN.
    """
    having = ~(np.isnan(a) & np.isnan(b))
    parts = [
        np.where(np.isnan(one), 0.0, one - np.nanmean(one)) * having.sum() / (~np.isnan(one)).sum() for one in (a, b)
    ]
    return np.where(having, np.nanmean(a) - np.nanmean(b) + parts[0] - parts[1], np.nan)


def _block(scores: Scores, rule: Rule) -> Mapping[str, Mapping[str, float]]:
    return scores.protocols.get(rule.metric.protocol, {}).get(rule.task, {})


def _videos(scores: Scores, rule: Rule) -> Mapping[str, Mapping[str, float]]:
    found: Mapping[str, Mapping[str, float]] = _block(scores, rule)["videos"]  # type: ignore[assignment]
    return found
