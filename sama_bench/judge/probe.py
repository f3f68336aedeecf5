"""A probe of what a judge notices and what it falls for, on the demo's own texts.

Errors start from the reference as the answer: the judge should give the answer with an error less. Lures start from an
answer with an error, as a full score could not rise: the judge should not give the answer with the lure more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

from sama_bench.benchmark.installed import load_task
from sama_bench.judge.attempts import Sample, ask
from sama_bench.judge.judge_input import JudgeInput
from sama_bench.judge.probe_edits import ERRORS, LURES
from sama_bench.metrics import grounding_marks as marks
from sama_bench.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.judge.judge_config import JudgeConfig
    from sama_bench.llm_client import Server

ORDER = "other way round"
Z = 1.959963984540054
LEAST = 1e-9  # scores that differ by less are the same


@dataclass(frozen=True)
class Pair:
    """Two cases of one question; `probe` is what was done to the first to make the second."""

    probe: str
    plain: JudgeInput
    edited: JudgeInput


@dataclass(frozen=True)
class Rate:
    """The rate of an event among `n` pairs of which both were scored; the other pairs are `unscored`.

    `best` is the rate of a judge without fault, 1 or 0; `interval` is Wilson's of 95 %, None where n is 0.
    """

    probe: str
    what: str
    best: int
    count: int
    n: int
    unscored: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval of the rate."""
        return wilson(self.count, self.n) if self.n else None

    def to_json(self) -> dict[str, object]:
        """The rate with JSON's own types."""
        return {**asdict(self), "rate": self.count / self.n if self.n else None, "interval": self.interval}


def wilson(count: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a rate `count` / `n`, n at least 1 (Wilson 1927)."""
    rate, square = count / n, Z * Z
    middle = (rate + square / (2 * n)) / (1 + square / n)
    half = Z / (1 + square / n) * sqrt(rate * (1 - rate) / n + square / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def references(benchmark: Benchmark, limit: int | None = None) -> list[JudgeInput]:
    """Every question with its reference as the answer, the first `limit` of them."""
    inputs = []
    for entry in benchmark.entries:
        truths = benchmark.truths(entry.video.id)
        for question in benchmark.questions(entry.video.id):
            text = truths[question.key].text
            text = marks.modern(text) if load_task(question.key.task).grounds else text
            inputs.append(JudgeInput(question.key, question.text, text, text))
    return inputs[:limit]


def pairs(inputs: Iterable[JudgeInput]) -> Iterator[Pair]:
    """All pairs that can be made of references as answers."""
    for good in inputs:
        wrong = None
        for name, edit in ERRORS.items():
            text = edit(good.candidate)
            if text is not None:
                spoilt = replace(good, candidate=text)
                wrong = wrong or spoilt
                yield Pair(name, good, spoilt)
        if wrong is None:
            continue
        yield Pair(ORDER, wrong, replace(wrong, reference=wrong.candidate, candidate=wrong.reference))
        for name, lure in LURES.items():
            if (text := lure(wrong.candidate)) is not None:
                yield Pair(name, wrong, replace(wrong, candidate=text))


def samples(probe_pairs: Iterable[Pair]) -> list[Sample]:
    """The samples to ask the judge for, each case once."""
    return [
        Sample(case, 0) for case in dict.fromkeys(case for pair in probe_pairs for case in (pair.plain, pair.edited))
    ]


def scores(config: JudgeConfig, server: Server, todo: Sequence[Sample]) -> dict[JudgeInput, float]:
    """The scores 0…1 of the cases that got one. Raises UserError as the server does."""
    return {
        sample.case: result.score
        for sample, result in ask(config, server, todo)
        if isinstance(result, Verdict) and result.score is not None
    }


def rates(probe_pairs: Iterable[Pair], scored: Mapping[JudgeInput, float]) -> list[Rate]:
    """The rates at which each error was caught, each lure paid, and the order of both texts mattered."""
    of: dict[str, list[Pair]] = {name: [] for name in (*ERRORS, *LURES, ORDER)}
    for pair in probe_pairs:
        of[pair.probe].append(pair)
    return [_rate(name, probe_pairs, scored) for name, probe_pairs in of.items()]


def _rate(name: str, probe_pairs: Sequence[Pair], scored: Mapping[JudgeInput, float]) -> Rate:
    steps = [
        scored[pair.edited] - scored[pair.plain] for pair in probe_pairs if {pair.edited, pair.plain} <= scored.keys()
    ]
    if name in ERRORS:
        counted, best, count = "caught: less than without", 1, sum(step < -LEAST for step in steps)
    elif name in LURES:
        counted, best, count = "fooled: more than without", 0, sum(step > LEAST for step in steps)
    else:
        counted, best, count = "another score", 0, sum(abs(step) > LEAST for step in steps)
    return Rate(name, counted, best, count, len(steps), len(probe_pairs) - len(steps))
