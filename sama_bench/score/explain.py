"""Why numbers differ: one set of answers under every convention, and what each difference does by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sama_bench.benchmark.installed import load_task
from sama_bench.cache import cache_folder
from sama_bench.errors import UserError
from sama_bench.metrics.java import Java, JavaError
from sama_bench.protocol import Ladder, Protocol, ScoringInputs
from sama_bench.run.progress import Progress, Silence
from sama_bench.score.block import means
from sama_bench.score.engine import ScoredTask, collect
from sama_bench.score.similarity_choice import Choices
from sama_bench.score.unsupported_metrics import lacking

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.run.answer_sources import Answers
    from sama_bench.types import Key

Means = Mapping[str, float]


@dataclass(frozen=True)
class MetricChange:
    """What a change does to one metric: its value before and after, None where it has none, and who causes it.

    `alone` is the value with this change and no other, None where that cannot be. `questions` are the ids of those that
    bring something else than before; all of them where none does, and yet they weigh otherwise.
    """

    before: float | None
    after: float | None
    alone: float | None
    questions: Sequence[str]

    @property
    def difference(self) -> float | None:
        """After less before."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True)
class Step:
    """One change: its name, in words what it is, and what it does, by metric."""

    name: str
    words: str
    effects: Mapping[str, MetricChange]


@dataclass(frozen=True)
class Difference:
    """What lies between two conventions, step by step; `labels` are what people call its metrics."""

    start: str
    end: str
    labels: Mapping[str, str]
    steps: Sequence[Step]


@dataclass(frozen=True)
class Explanation:
    """A task: the means of each convention, and the differences between them."""

    task: str
    questions: int
    missing: int
    errors: int
    labels: Mapping[str, str]
    conventions: Mapping[str, Means]
    differences: Sequence[Difference]

    def to_json(self) -> dict[str, object]:
        """With JSON's own types."""
        return {
            "questions": self.questions,
            "missing": self.missing,
            "errors": self.errors,
            "conventions": {name: dict(mean_values) for name, mean_values in self.conventions.items()},
            "differences": [
                {
                    "from": difference.start,
                    "to": difference.end,
                    "steps": [_step_json(step) for step in difference.steps],
                }
                for difference in self.differences
            ],
        }


def _step_json(step: Step) -> dict[str, object]:
    effects = {
        name: {
            "before": effect.before, "after": effect.after, "difference": effect.difference, "alone": effect.alone,
            "count": len(effect.questions), "questions": list(effect.questions),
        }
        for name, effect in step.effects.items()
    }  # fmt: skip
    return {"name": step.name, "what": step.words, "metrics": effects}


def explain(
    benchmark: Benchmark,
    answers: Answers,
    choices: Choices,
    *,
    progress: Progress | None = None,
    processes: int | None = None,
) -> list[Explanation]:
    """Explain each task that has its truth, in the benchmark's order. Raises UserError where Java does not start."""
    try:
        with Java(cache=cache_folder()) as java:
            statistics = collect(benchmark, answers, java, progress or Silence(), processes)
            scored = (
                ScoredTask(benchmark, load_task(key), videos, java, lacking(benchmark, answers.can, load_task(key)))
                for key, videos in statistics.items()
                if key not in benchmark.without_truth
            )
            return [_explanation(scored_task, choices) for scored_task in scored]
    except JavaError as problem:
        raise UserError(str(problem)) from problem


def _explanation(scored_task: ScoredTask, choices: Choices) -> Explanation:
    states = [question.state for question in scored_task.questions]
    ladders = [ladder for protocol in scored_task.task.scoring for ladder in protocol.ladders()]
    scoring = {ladder.start: ladder.protocol(frozenset()) for ladder in ladders}  # some only lead to others
    scoring = {protocol.name: protocol for protocol in scored_task.task.scoring} | {
        name: protocol for name, protocol in scoring.items() if name not in scored_task.task.protocols
    }
    return Explanation(
        scored_task.task.key,
        len(states),
        states.count("missing"),
        states.count("error"),
        {metric.name: metric.label for metric in scored_task.task.metrics},
        {name: _means(scored_task, protocol, choices) for name, protocol in scoring.items()},
        [_difference(scored_task, ladder, choices) for ladder in ladders],
    )


def _difference(scored_task: ScoredTask, ladder: Ladder, choices: Choices) -> Difference:
    """Climb the ladder."""
    done: frozenset[str] = frozenset()
    before = ladder.protocol(done)
    labels = {metric.name: metric.label for metric in before.metrics}
    values, shares = _means(scored_task, before, choices), _shares(scored_task, before, choices)
    steps = []
    for mend in ladder.mends:
        done |= {mend.name}
        after = ladder.protocol(done)
        new_values, new_shares = _means(scored_task, after, choices), _shares(scored_task, after, choices)
        alone = _means(scored_task, ladder.protocol(frozenset({mend.name})), choices) if ladder.alone else {}
        effects = {
            name: MetricChange(
                values.get(name),
                new_values.get(name),
                alone.get(name),
                _causes(name, values, new_values, shares, new_shares),
            )
            for name in labels
            if name in values or name in new_values
        }
        steps.append(Step(mend.name, mend.words, effects))
        values, shares = new_values, new_shares
    return Difference(ladder.start, ladder.end, labels, steps)


def _causes(
    name: str,
    values: Means,
    new_values: Means,
    shares: Mapping[str, Mapping[Key, object]],
    new_shares: Mapping[str, Mapping[Key, object]],
) -> list[str]:
    before, after = shares.get(name, {}), new_shares.get(name, {})
    keys = list(dict.fromkeys([*before, *after]))
    changed = [key.id for key in keys if before.get(key) != after.get(key)]
    if not changed and values.get(name) != new_values.get(name):
        return [key.id for key in keys]
    return changed


def _inputs(scored_task: ScoredTask, protocol: Protocol, choices: Choices) -> ScoringInputs:
    choice = choices[protocol.similarity] if protocol.similarity else None
    return ScoringInputs(scored_task.java.meteor, choice.similarity if choice else None, scored_task.corpus)


def _means(scored_task: ScoredTask, protocol: Protocol, choices: Choices) -> Means:
    metrics = [metric for metric in protocol.metrics if metric.name not in scored_task.lacking]
    return means(metrics, protocol.by_video(scored_task.videos, _inputs(scored_task, protocol, choices)))


def _shares(scored_task: ScoredTask, protocol: Protocol, choices: Choices) -> Mapping[str, Mapping[Key, object]]:
    return protocol.shares(scored_task.videos, _inputs(scored_task, protocol, choices))
