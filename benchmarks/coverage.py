"""How often the 95 % intervals hold the truth, on simulated clustered data: `python -m benchmarks.coverage`.

Each world draws videos with a random number of questions. The questions of a video share a part of what makes their
value, so they are correlated; values lie in 0…1 and are skewed. A video's value is the mean over its questions, the
aggregate the mean over videos, and the truth the mean of very many videos of that world. The intervals are those that
`sama-bench score` gives; the differences are those of `sama-bench compare` between two runs on the same videos.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import click
import numpy as np
from numpy.typing import NDArray

from sama_bench.score.intervals import RESAMPLES, Clusters, difference_intervals, mean_intervals, swap_p_values

Floats = NDArray[np.float64]
MOST = 30
AT_ONCE = 250
TRUTH_VIDEOS = 400_000


@dataclass(frozen=True)
class World:
    """How values come about: what a question's latent number, of variance 2, half of it the video's, becomes."""

    name: str
    value: Callable[[Floats], Floats]


def logistic(x: Floats) -> Floats:
    """From any number into 0…1."""
    return np.asarray(1 / (1 + np.exp(-x)), np.float64)


WORLDS = (
    World("low, a long tail above", lambda x: logistic(1.5 * x - 2.5)),
    World("many exact zeros", lambda x: np.where(x < 0.8, 0.0, logistic(x))),
    World("high, a long tail below", lambda x: logistic(1.5 * x + 2.5)),
    World("zero or one", lambda x: (x > 1.0).astype(np.float64)),
)


def videos(world: World, random: np.random.Generator, count: int, better: float = 0.0) -> tuple[Floats, Floats]:
    """Values of `count` videos for two runs, the second with `better` added to its latent numbers.

    1 to 30 questions a video, 7 on average. Two runs share what is easy or hard about a video and a question.
    """
    questions = np.minimum(random.geometric(1 / 7, count), MOST)
    video = np.repeat(np.arange(count), questions)
    shared = random.normal(0, 1, count)[video] + random.normal(0, 0.7, video.size)
    runs = (shared + random.normal(0, 0.7, video.size) + shift for shift in (0.0, better))
    first, second = (np.bincount(video, world.value(run)) / questions for run in runs)
    return first, second


def trials(world: World, random: np.random.Generator, count: int, number: int, better: float) -> tuple[Floats, Floats]:
    """`number` benchmarks of `count` videos each, as columns (count, number)."""
    first, second = videos(world, random, count * number, better)
    return first.reshape(count, number), second.reshape(count, number)


def share_held(ends: Floats, truth: float) -> float:
    """In which share of the intervals (n, 2) the truth lies."""
    return float(((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean())


def measure(world: World, count: int, simulations: int, resamples: int, seed: int) -> tuple[float, float, float]:
    """Coverage of the mean's interval, of the difference's, and the share of p < 0.05 where runs are alike."""
    random = np.random.default_rng([seed, WORLDS.index(world), count])
    first, second = videos(world, random, TRUTH_VIDEOS, 0.3)
    mean, difference = float(first.mean()), float(second.mean() - first.mean())
    found = []
    for begin in range(0, simulations, AT_ONCE):
        number = min(AT_ONCE, simulations - begin)
        a, b = map(Clusters.of_values, trials(world, random, count, number, 0.3))
        same = map(Clusters.of_values, trials(world, random, count, number, 0.0))
        how = {"resamples": resamples, "seed": seed + begin}
        alike = (swap_p_values(*same, **how) < 0.05).mean()
        held = share_held(mean_intervals(a, **how), mean), share_held(difference_intervals(a, b, **how), difference)
        found.append((*held, alike, number))
    *shares, numbers = np.array(found).T
    return tuple(float(np.average(share, weights=numbers)) for share in shares)  # type: ignore[return-value]


@click.command()
@click.option("--simulations", default=2000, show_default=True)
@click.option("--resamples", default=RESAMPLES, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(simulations: int, resamples: int, seed: int) -> None:
    """Print a Markdown table: what the intervals cover, in percent of the simulations."""
    click.echo("| values | videos | mean | difference | p < 0.05, no difference |\n|---|--:|--:|--:|--:|")
    for world in WORLDS:
        for count in (30, 100, 522):
            shares = measure(world, count, simulations, resamples, seed)
            click.echo(f"| {world.name} | {count} | {' | '.join(f'{100 * share:.1f}' for share in shares)} |")


if __name__ == "__main__":
    main()
