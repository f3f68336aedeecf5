"""The drops of single videos between two scored runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sama_bench.errors import UserError
from sama_bench.gate.rules import Rule
from sama_bench.score.block import Block
from sama_bench.score.intervals import Clusters, Floats
from sama_bench.score.scores import Scores

POINTS = 100.0


@dataclass(frozen=True)
class Evidence:
    """The evidence of two runs for one rule, in points; a drop is positive where the candidate is worse.

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
        """The number of videos that have a say."""
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
        if not scores.has(rule.task, rule.metric)
    ]
    if problems:
        raise UserError(problems)
    blocks = [block for rule in rules for side in (baseline, candidate) if (block := _block(side, rule)) is not None]
    videos = sorted({video for block in blocks for video in block.videos})
    return [_evidence(rule, baseline, candidate, videos) for rule in rules]


def _evidence(rule: Rule, baseline: Scores, candidate: Scores, videos: Sequence[str]) -> Evidence:
    sign = 1.0 if rule.metric.higher_is_better else -1.0
    blocks = [block for side in (baseline, candidate) if (block := _block(side, rule)) is not None]
    a, b = (block.clusters([rule.metric.name], videos) for block in blocks)
    means = [POINTS * block.mean[rule.metric.name] for block in blocks]
    return Evidence(rule, means[0], means[1], sign * influences(a, b))


def influences(a: Clusters, b: Clusters) -> Floats:
    """The influence of each video on mean(a) - mean(b) of one metric, each over the videos that have it, in points.

    a - b for means that all videos have in both; else the linear part (the influence function) of the difference of the
    two means, or ratios of sums. The mean over the videos that have either is that difference. Shape (videos,), NaN
    where both are undefined.
    """
    has_value = (a.defined | b.defined)[:, 0]
    wholes, parts = zip(*(_influence(clusters, has_value) for clusters in (a, b)), strict=True)
    return np.where(has_value, wholes[0] - wholes[1] + parts[0] - parts[1], np.nan)


def _influence(clusters: Clusters, has_value: NDArray[np.bool_]) -> tuple[float, Floats]:
    """The mean, or ratio, in points, and by how much each video moves it away, as a share of all where `has_value`."""
    if _is_mean(clusters):
        values = POINTS * clusters.values[:, 0]
        whole = float(np.nanmean(values))
        return whole, np.where(np.isnan(values), 0.0, values - whole) * has_value.sum() / (~np.isnan(values)).sum()
    up, down = POINTS * clusters.numerators[:, 0], clusters.denominators[:, 0]
    ratio = float(up.sum() / down.sum())
    return ratio, (up - ratio * down) * has_value.sum() / down.sum()


def _is_mean(clusters: Clusters) -> bool:
    return bool(np.isin(clusters.denominators, (0.0, 1.0)).all())


def _block(scores: Scores, rule: Rule) -> Block | None:
    return scores.block(rule.task, rule.metric.protocol)
