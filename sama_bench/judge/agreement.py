"""Agreement of two judges, or of a judge and people, on the same questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sama_bench.errors import UserError
from sama_bench.score.intervals import LEVEL, SEED, Floats, Ints
from sama_bench.types import Key

RESAMPLES = 2_000
FEWEST = 3


@dataclass(frozen=True)
class Ratings:
    """Scores of questions in 0…1 by one judge; `video` of each question where it is known."""

    name: str
    scores: Mapping[Key, float]
    videos: Mapping[Key, str]


@dataclass(frozen=True)
class Measure:
    """One measure of agreement with its 95 % interval; None where it is not defined: a rater that never varies."""

    name: str
    value: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Agreement:
    """The agreement of two raters: measures over the `questions` that both scored; `only` counts the others."""

    names: tuple[str, str]
    questions: int
    videos: int
    only: tuple[int, int]
    measures: tuple[Measure, ...]

    def to_json(self) -> dict[str, object]:
        """The agreement with JSON's own types."""
        measures = {
            measure.name: {
                "value": measure.value,
                "interval": None if measure.interval is None else list(measure.interval),
            }
            for measure in self.measures
        }
        method = {"level": LEVEL, "resamples": RESAMPLES, "seed": SEED, "method": "bootstrap of videos, percentile"}
        counts = {"questions": self.questions, "videos": self.videos, "only_a": self.only[0], "only_b": self.only[1]}
        return {"a": self.names[0], "b": self.names[1], **counts, "how": method, "measures": measures}


def agreement(a: Ratings, b: Ratings) -> Agreement:
    """Compare two raters question by question.

    Questions of one video stay together where videos are drawn anew for the intervals; a question whose video is not
    known stands alone. Raises UserError where fewer than three questions have a score by both.
    """
    shared = sorted(a.scores.keys() & b.scores.keys())
    if len(shared) < FEWEST:
        raise UserError(
            f"{a.name} and {b.name} have {len(shared)} scored questions in common, expected at least {FEWEST}"
        )
    x, y = (np.array([side.scores[key] for key in shared]) for side in (a, b))
    video_names = [a.videos.get(key) or b.videos.get(key) or str(key) for key in shared]
    videos = np.unique(np.array(video_names), return_inverse=True)[1]
    draws = list(_draws(videos))
    measures = tuple(_measure(name, of, x, y, draws) for name, of in MEASURES.items())
    only_counts = len(a.scores) - len(shared), len(b.scores) - len(shared)
    return Agreement((a.name, b.name), len(shared), int(videos.max()) + 1, only_counts, measures)


def spearman(x: Floats, y: Floats) -> float:
    """Spearman's rank correlation with ties, -1…1; NaN where one of both never varies."""
    from scipy.stats import spearmanr

    return float(spearmanr(x, y).statistic) if np.ptp(x) and np.ptp(y) else float("nan")


def kendall(x: Floats, y: Floats) -> float:
    """Kendall's tau-b, -1…1; NaN where one of both never varies."""
    from scipy.stats import kendalltau

    return float(kendalltau(x, y).statistic) if np.ptp(x) and np.ptp(y) else float("nan")


def krippendorff(x: Floats, y: Floats) -> float:
    """Krippendorff's alpha for interval data of two raters without gaps, at most 1 (Krippendorff 2011).

    1 minus the mean squared difference within questions by that within all values; NaN where no value varies.
    """
    values = np.concatenate([x, y])
    observed = float(((x - y) ** 2).mean())
    # The mean of (v - w)^2 over ordered pairs of distinct values.
    expected = float(2 * values.size * values.var() / (values.size - 1))
    return 1 - observed / expected if expected > 0 else float("nan")


def cohen(x: Floats, y: Floats) -> float:
    """Cohen's kappa with quadratic weights, of numbers as they are, at most 1 (Cohen 1968).

    1 minus the mean squared difference within questions by that of all pairs of a value of `x` and one of `y`: for
    ratings of a few levels it is the usual weighted kappa. NaN where neither of both varies and they are the same.
    """
    expected = float(x.var() + y.var() + (x.mean() - y.mean()) ** 2)
    return 1 - float(((x - y) ** 2).mean()) / expected if expected > 0 else float("nan")


def krippendorff_of_raters(values: Floats) -> float:
    """Krippendorff's alpha for interval data of ratings (questions, raters), NaN where a rater gave none.

    Questions with one rating say nothing. NaN where no value varies, or no question has two ratings. Of two raters
    without gaps it is `krippendorff`.
    """
    rated = values[(~np.isnan(values)).sum(axis=1) > 1]
    counts = (~np.isnan(rated)).sum(axis=1)
    total = int(counts.sum())
    if total < 2:
        return float("nan")
    # Within a question of m ratings the pairs' squared differences sum to 2 m times their variance.
    observed = float((2 * counts**2 * np.nanvar(rated, axis=1) / (counts - 1)).sum() / total)
    expected = float(2 * total * np.nanvar(rated) / (total - 1))
    return 1 - observed / expected if expected > 0 else float("nan")


def among_raters(values: Floats, videos: Sequence[str]) -> Measure:
    """`krippendorff_of_raters` with its 95 % interval, resampling the `videos` of the questions."""
    places = np.unique(np.array(videos), return_inverse=True)[1]
    return _measure("Krippendorff", lambda x, _: krippendorff_of_raters(x), values, values, list(_draws(places)))


def difference(x: Floats, y: Floats) -> float:
    """The mean of b - a."""
    return float((y - x).mean())


MEASURES: dict[str, Callable[[Floats, Floats], float]] = {
    "Spearman": spearman,
    "Kendall": kendall,
    "Krippendorff": krippendorff,
    "Cohen": cohen,
    "difference": difference,
}


def _measure(name: str, of: Callable[[Floats, Floats], float], x: Floats, y: Floats, draws: Sequence[Ints]) -> Measure:
    value = of(x, y)
    values = np.array([of(x[places], y[places]) for places in draws])
    known = values[~np.isnan(values)]
    if np.isnan(value) or not known.size:
        return Measure(name, None, None)
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Measure(name, value, (float(low), float(high)))


def _draws(videos: Ints) -> Sequence[Ints]:
    """Places of questions for each resample: all those of as many videos as there are, drawn with replacement."""
    count = int(videos.max()) + 1
    if count < 2:
        return []
    places = [np.flatnonzero(videos == video) for video in range(count)]
    random = np.random.default_rng(SEED)
    return [np.concatenate([places[video] for video in random.integers(0, count, count)]) for _ in range(RESAMPLES)]
