"""How often the gate fails, on simulated pairs of checkpoints: `python -m benchmarks.gate TREE`.

TREE is a benchmark with predictions (`python -m benchmarks make TREE`); they are scored once, and the values of their
questions are the realistic run. A checkpoint answers each question as that run did, or, with a chance that is given,
as the run answered another question of the same task: so two checkpoints are equally good and differ in many answers.
A candidate that got worse loses answers on top: each grounding becomes nothing with the chance that makes the drop
of J&F on average. Videos are drawn anew from the run's for each simulation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from benchmarks.imitation import PREDICTIONS
from sama_bench.gate.decision import Outcome, decide
from sama_bench.gate.rules import Policy, rule
from sama_bench.gate.video_drops import Evidence
from sama_bench.score.comparison import question_values
from sama_bench.score.intervals import Floats, Ints

RULES = ("g.jf", "g.miou", "g.rouge_l", "c.rouge_l")
GROUNDING = (0, 1)
NAIVE = 0.5


@dataclass(frozen=True)
class Sample:
    """Values of questions in points: `values` (questions, rules), NaN where a question has none; `video` of each."""

    values: Floats
    video: Ints
    task: Ints

    @property
    def videos(self) -> int:
        """How many videos there are."""
        return int(self.video.max()) + 1


def read(tree: Path) -> Sample:
    """Score the predictions of `tree` and take the values of their questions."""
    from sama_bench.benchmark import open_benchmark
    from sama_bench.run.answer_sources import PredictionFile
    from sama_bench.score import score

    benchmark = open_benchmark(tree)
    scores = score(benchmark, PredictionFile(tree / PREDICTIONS, benchmark), phrases="words")
    places = {entry.video.id: place for place, entry in enumerate(benchmark.entries)}
    rules = [rule(name) for name in RULES]
    rows = [
        [values.get(one.metric.name, np.nan) if one.task == key.task else np.nan for one in rules]
        for key, values in ((key, dict(question_values(own, "strict"))) for key, own in scores.statistics.items())
    ]
    video = np.array([places[benchmark.where[key]] for key in scores.statistics])
    task = np.array([key.task == "g" for key in scores.statistics], np.int64)
    return Sample(100 * np.array(rows, np.float64), video, task)


def answered_again(sample: Sample, changed: float, random: np.random.Generator) -> Floats:
    """The questions' values of another checkpoint that is as good; a share `changed` of the answers is another's."""
    values = sample.values.copy()
    for task in (0, 1):
        own = np.flatnonzero(sample.task == task)
        others = own[random.random(own.size) < changed]
        values[others] = sample.values[random.choice(own, others.size)]
    return values


def worsened(sample: Sample, values: Floats, drop: float, random: np.random.Generator) -> Floats:
    """The same with groundings lost, so that the videos' mean of J&F drops by `drop` points on average."""
    lost = random.random(len(values)) < drop / np.nanmean(by_video(sample, values)[:, GROUNDING[0]])
    found = values.copy()
    for column in GROUNDING:
        found[lost & ~np.isnan(values[:, column]), column] = 0.0
    return found


def by_video(sample: Sample, values: Floats) -> Floats:
    """Means over the questions of each video, (videos, rules); NaN where no question has a value."""
    having = ~np.isnan(values)
    sums, counts = np.zeros((2, sample.videos, values.shape[1]))
    np.add.at(sums, sample.video, np.where(having, values, 0.0))
    np.add.at(counts, sample.video, having)
    return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)


def drawn(sample: Sample, videos: int, random: np.random.Generator) -> Sample:
    """`videos` videos with their questions, drawn with replacement; one that is drawn twice is two videos."""
    places = [np.flatnonzero(sample.video == one) for one in range(sample.videos)]
    own = [places[one] for one in random.integers(0, sample.videos, videos)]
    rows = np.concatenate(own)
    return Sample(sample.values[rows], np.repeat(np.arange(videos), [len(one) for one in own]), sample.task[rows])


def pairs(sample: Sample, videos: int, drop: float, changed: float, seed: int) -> Iterator[tuple[Floats, Floats]]:
    """Values by video (videos, rules) of a baseline and of a candidate, `drop` points of J&F worse, endlessly."""
    random = np.random.default_rng([seed, videos, int(1000 * drop)])
    while True:
        own = drawn(sample, videos, random)
        one = by_video(own, answered_again(own, changed, random))
        other = by_video(own, worsened(own, answered_again(own, changed, random), drop, random))
        yield one, other


def evidence(a: Floats, b: Floats) -> list[Evidence]:
    """The evidence of each rule."""
    means = np.nanmean(a, axis=0), np.nanmean(b, axis=0)
    return [Evidence(rule(name), float(means[0][n]), float(means[1][n]), (a - b)[:, n]) for n, name in enumerate(RULES)]


def measure(cases: Iterator[tuple[Floats, Floats]], simulations: int, resamples: int) -> tuple[Floats, float]:
    """Shares of pass, cannot tell, fail and the naive rule's fail; and the spread of J&F's drops over videos."""
    policy = Policy(tuple(rule(name) for name in RULES))
    found, spreads = [], []
    for seed, (a, b) in zip(range(simulations), cases, strict=False):
        own = evidence(a, b)
        outcome = decide(policy, own, resamples, seed).outcome
        naive = any(one.drop > NAIVE for one in own)
        found.append([outcome is one for one in (Outcome.PASS, Outcome.CANNOT_TELL, Outcome.FAIL)] + [naive])
        spreads.append(own[0].spread)
    return np.mean(found, axis=0), float(np.mean(spreads))


@click.command()
@click.argument("tree", type=click.Path(path_type=Path, exists=True))
@click.option("--simulations", default=1000, show_default=True)
@click.option("--resamples", default=2000, show_default=True)
@click.option("--changed", default=(0.1, 0.3), multiple=True, show_default=True, help="Share of answers that differ.")
@click.option("--seed", default=1, show_default=True)
def main(tree: Path, simulations: int, resamples: int, changed: Sequence[float], seed: int) -> None:
    """Print a Markdown table: what the gate says of checkpoints that are as good, or worse, in percent."""
    sample = read(tree)
    click.echo("| answers changed | videos | drop of J&F | spread | pass | cannot tell | fail | naive rule fails |")
    click.echo("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for share in changed:
        for videos in (50, 150, sample.videos):
            for drop in (0.0, 0.5, 1.0, 2.0, 5.0):
                shares, spread = measure(pairs(sample, videos, drop, share, seed), simulations, resamples)
                cells = [f"{100 * one:.1f}" for one in shares]
                click.echo(f"| {share:.0%} | {videos} | {drop:g} | {spread:.1f} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
