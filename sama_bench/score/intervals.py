"""Chance in means over videos: intervals by drawing videos anew, tests by swapping two runs.

docs/statistics.md has the formulas. Videos are what was sampled, so videos are what is drawn; questions of one video
stay together. All is a function of the values of single videos and of a fixed seed. Values are rounded to multiples of
2**-36 first, so that all sums are exact, and neither the order of the videos nor the number of threads matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sama_bench.metric import Sums

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
# From weights of the videos (n, videos) to what they make of each metric (n, metrics), NaN where it is undefined.
Estimate: TypeAlias = Callable[[Floats], Floats]
# From the sorted draws of a metric and its column to the two levels whose quantiles are the ends.
Levels: TypeAlias = Callable[[Floats, int], Floats]

LEVEL = 0.95
RESAMPLES = 10_000
SEED = 20260301
METHOD = "bootstrap of videos, BCa, t"
DIFFERENCE_METHOD = "paired bootstrap of videos, percentile, t"
GRAIN = 2.0**36
AT_ONCE = 1_000


@dataclass(frozen=True)
class Clusters:
    """Numerators and denominators (videos, metrics) of what is averaged; both 0 where a metric is undefined.

    A mean over videos has the value and 1, a ratio of sums the sums of the video's questions. Numerators are rounded to
    the grain; whole numbers, such as pixels, are not changed by that. `values` are what each video has, not rounded,
    NaN where a metric is undefined.
    """

    numerators: Floats
    denominators: Floats
    values: Floats

    @classmethod
    def of(cls, rows: Sequence[Sequence[float | Sums | None]]) -> Clusters:
        """One row a video, one value a metric; None where it is undefined."""
        pairs = [[_pair(value) for value in row] for row in rows]
        ratios = np.array(pairs, np.float64).reshape(len(rows), len(rows[0]) if rows else 0, 2)
        up, down = ratios[..., 0], ratios[..., 1]
        values = np.divide(up, down, out=np.full_like(up, np.nan), where=down != 0)
        return cls(np.round(up * GRAIN) / GRAIN, down, values)

    @classmethod
    def of_values(cls, values: Floats) -> Clusters:
        """Values of means (videos, metrics), NaN where a metric is undefined."""
        defined = ~np.isnan(values)
        return cls(np.round(np.where(defined, values, 0.0) * GRAIN) / GRAIN, defined.astype(np.float64), values)

    @property
    def defined(self) -> NDArray[np.bool_]:
        """True where a video has the metric: bool (videos, metrics)."""
        return np.not_equal(self.denominators, 0)

    @property
    def counts(self) -> Ints:
        """The number of videos that have each metric."""
        return np.asarray(self.defined.sum(axis=0), np.int64)

    def means(self, weights: Floats) -> Floats:
        """The mean, or ratio of sums, of each metric for weights (n, videos) of the videos: (n, metrics)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((weights @ self.numerators) / (weights @ self.denominators), np.float64)

    def column(self, metric: int) -> Clusters:
        """One metric alone."""
        columns = (array[:, [metric]] for array in (self.numerators, self.denominators, self.values))
        return Clusters(*columns)


def _pair(value: float | Sums | None) -> tuple[float, float]:
    if value is None:
        return 0.0, 0.0
    return (value.numerator, value.denominator) if isinstance(value, Sums) else (value, 1.0)


def intervals(clusters: Clusters, metrics: Sequence[str]) -> dict[str, tuple[float, float]]:
    """`(low, high)` for each metric over the videos that have it, in the order of `metrics`.

    A metric that fewer than two videos have is absent.
    """
    if not clusters.numerators.size:
        return {}
    bounds = mean_intervals(clusters)
    return {
        name: (float(low), float(high)) for name, (low, high) in zip(metrics, bounds, strict=True) if not np.isnan(low)
    }


def mean_intervals(columns: Clusters, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """The 95 % interval for the mean, or ratio of sums, of each metric: (metrics, 2).

    Never beyond the least and the largest value of a video; NaN where fewer than two videos have the metric.
    """
    counts, videos = columns.counts, len(columns.numerators)
    whole = columns.means(np.ones((1, videos)))[0]
    without_one = columns.means(1 - np.eye(videos))

    def levels(estimates: Floats, metric: int) -> Floats:
        return _bca_levels(estimates, whole[metric], without_one[:, metric], int(counts[metric]))

    bounds = _quantiles(columns.means, levels, videos, counts, (resamples, seed))
    for column, interval in zip(columns.values.T, bounds, strict=True):
        if not np.isnan(interval).any():
            interval[:] = np.clip(interval, np.nanmin(column), np.nanmax(column))
    return bounds


def difference_intervals(a: Clusters, b: Clusters, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """The 95 % interval for mean of `b` - mean of `a` (or ratios of sums), metric by metric, of the same videos.

    A drawn video brings its values of both. NaN where one of the two has fewer than two values. Differences have long
    tails on either side, for which the corrections that `mean_intervals` makes do harm.
    """
    counts = np.minimum(a.counts, b.counts)

    def difference(weights: Floats) -> Floats:
        return b.means(weights) - a.means(weights)

    def levels(_: Floats, metric: int) -> Floats:
        return _percentile_levels(int(counts[metric]))

    return _quantiles(difference, levels, len(a.numerators), counts, (resamples, seed))


def swap_p_values(a: Clusters, b: Clusters, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """Two-sided p-values (metrics) of the means, or ratios of sums, of `a` and `b` being the same.

    Were the runs alike, either could have given either's answers to a video: the share of `resamples` random swaps of
    whole videos, and of the data as they are, whose difference of means is at least as large. 1 for equal runs; NaN
    where a column of `a` or of `b` has fewer than two values.
    """
    (a_up, a_down), (b_up, b_down) = ((run.numerators, run.denominators) for run in (a, b))

    def difference(weights: Floats) -> Floats:
        swapped = 1 - weights
        with np.errstate(invalid="ignore", divide="ignore"):
            first = (weights @ a_up + swapped @ b_up) / (weights @ a_down + swapped @ b_down)
            second = (weights @ b_up + swapped @ a_up) / (weights @ b_down + swapped @ a_down)
        return np.abs(second - first)

    observed = difference(np.ones((1, len(a_up))))[0]
    beyond, valid = np.zeros(observed.size), np.zeros(observed.size)
    random = np.random.default_rng(seed)
    for size in _chunks(resamples):
        swaps = difference(random.integers(0, 2, size=(size, len(a_up))).astype(np.float64))
        beyond += (swaps >= observed).sum(axis=0)
        valid += np.isfinite(swaps).sum(axis=0)
    p: Floats = (1 + beyond) / (1 + valid)
    return np.where(np.minimum(a.counts, b.counts) < 2, np.nan, p)


def _chunks(resamples: int) -> Iterator[int]:
    for begin in range(0, resamples, AT_ONCE):
        yield min(AT_ONCE, resamples - begin)


def _draws(videos: int, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield the number of draws of each video: (n, videos), each row summing to the number of videos."""
    for counts in _counts_drawn(videos, resamples, seed):
        yield counts.astype(np.float64)


@lru_cache(maxsize=2)  # the tasks and protocols of one scoring mostly have the same number of videos
def _counts_drawn(videos: int, resamples: int, seed: int) -> list[NDArray[np.uint16]]:
    random = np.random.default_rng(seed)
    counts_by_chunk = []
    for size in _chunks(resamples):
        video_indices = random.integers(0, videos, size=(size, videos)) + np.arange(size)[:, None] * videos
        counts = np.bincount(video_indices.ravel(), minlength=size * videos).reshape(size, videos)
        counts_by_chunk.append(counts.astype(np.uint16))
    return counts_by_chunk


def _quantiles(estimate: Estimate, levels: Levels, videos: int, counts: Ints, sampling: tuple[int, int]) -> Floats:
    """The ends (metrics, 2) at those levels of what the draws give; `sampling` is the number of draws and the seed.

    NaN where `counts` is below 2.
    """
    enough = np.flatnonzero(counts >= 2)
    bounds = np.full((counts.size, 2), np.nan)
    if enough.size:
        estimates = np.concatenate([estimate(weights)[:, enough] for weights in _draws(videos, *sampling)])
        for metric, column in zip(enough, estimates.T, strict=True):
            values = np.sort(column[~np.isnan(column)])
            bounds[metric] = np.quantile(values, levels(values, int(metric)))
    return bounds


def _wide(count: int) -> Floats:
    """The ends as normal quantiles: Student's t in place of 1.96, widened by n / (n - 1).

    Percentile intervals of few clusters are too narrow otherwise (Hesterberg 2015).
    """
    from scipy.special import stdtrit  # late: it takes a third of a second

    wide = np.sqrt(count / (count - 1)) * stdtrit(count - 1, (1 + LEVEL) / 2)
    return np.array([-wide, wide])


def _percentile_levels(count: int) -> Floats:
    from scipy.special import ndtr  # late: it takes a third of a second

    return np.asarray(ndtr(_wide(count)), np.float64)


def _bca_levels(estimates: Floats, whole: float, without_one: Floats, count: int) -> Floats:
    """Levels that are corrected for bias and skewness (Efron 1987); `without_one` are the jackknife's values."""
    from scipy.special import ndtr, ndtri  # late: it takes a third of a second

    below = (np.searchsorted(estimates, whole, "left") + np.searchsorted(estimates, whole, "right")) / 2
    bias = ndtri(np.clip(below, 1, estimates.size - 1) / estimates.size)
    ends = bias + _wide(count)
    return np.asarray(ndtr(bias + ends / (1 - _acceleration(without_one) * ends)), np.float64)


def _acceleration(without_one: Floats) -> float:
    """A sixth of the skewness of the jackknife's values; 0 where they are all the same."""
    away = np.nanmean(without_one) - without_one[~np.isnan(without_one)]
    spread = float((away**2).sum())
    return float((away**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0
