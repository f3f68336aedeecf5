"""The questions that lost most between two runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sama_bench.benchmark.installed import load_task
from sama_bench.gate.rules import Rule
from sama_bench.metric import Metric
from sama_bench.types import Key

# Values of single questions by metric name, 0…1, for one protocol.
Questions = Mapping[Key, Mapping[str, float]]
SHOWN = 5


class Loss(NamedTuple):
    """One question's value of a metric before and after, in 0…1."""

    key: Key
    metric: Metric
    before: float
    after: float

    @property
    def size(self) -> float:
        """By how much the question is worse, in 0…1."""
        return self.before - self.after if self.metric.higher_is_better else self.after - self.before


def losses(rules: Sequence[Rule], baseline: Mapping[str, Questions], candidate: Mapping[str, Questions]) -> list[Loss]:
    """The five questions of each rule that lost most of what it gates, worst first, in the order of the rules.

    `baseline` and `candidate` give the values of questions by protocol; only questions of both runs count. A metric
    that single questions do not have is looked at through one of its kind that they have: J&F for groundings, ROUGE-L
    for texts; rules that are looked at through the same metric of a task share their five.
    """
    worst: dict[tuple[str, Key], Loss] = {}
    for rule in rules:
        ordered = sorted(_losses(rule, baseline, candidate), key=lambda loss: (-loss.size, loss.key))
        worst.update({(loss.metric.name, loss.key): loss for loss in ordered[:SHOWN]})
    return list(worst.values())


def _losses(rule: Rule, baseline: Mapping[str, Questions], candidate: Mapping[str, Questions]) -> Iterator[Loss]:
    before, other = (side.get(rule.metric.protocol, {}) for side in (baseline, candidate))
    metric = _looked_at(rule)
    if metric is None:
        return
    for key, values in before.items():
        if key.task == rule.task and metric.name in values and metric.name in other.get(key, {}):
            loss = Loss(key, metric, values[metric.name], other[key][metric.name])
            if loss.size > 0:
                yield loss


def _looked_at(rule: Rule) -> Metric | None:
    """The gated metric, or the nearest of its kind that single questions have; None where there is none."""
    if rule.metric.question is not None:
        return rule.metric
    task, of_text = load_task(rule.task), "text" in rule.metric.needs
    candidates = [
        metric
        for metric in task.columns(rule.metric.protocol)
        if metric.question is not None and ("text" in metric.needs) is of_text
    ]
    ordering = [metric for metric in candidates if metric.name == task.orders_by]
    return next(iter([*ordering, *candidates]), None)
