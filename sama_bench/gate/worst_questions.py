"""The questions that lost most between two runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sama_bench.benchmark.installed import load_task
from sama_bench.gate.rules import Rule
from sama_bench.types import Key

# Values of single questions by metric name, 0…1, for one protocol.
Questions = Mapping[Key, Mapping[str, float]]
SHOWN = 10


class Loss(NamedTuple):
    """One question's value of a metric before and after, in 0…1."""

    key: Key
    metric: str
    before: float
    after: float

    @property
    def size(self) -> float:
        """The loss, in 0…1."""
        return self.before - self.after


def losses(rules: Sequence[Rule], baseline: Mapping[str, Questions], candidate: Mapping[str, Questions]) -> list[Loss]:
    """The ten questions that lost most of what the rules gate, worst first; those of both runs only.

    `baseline` and `candidate` give the values of questions by protocol. A metric that single questions do not have
    is looked at through one of its kind that they have: J&F for groundings, ROUGE-L for texts.
    """
    worst_by_key: dict[Key, Loss] = {}
    for loss in (loss for rule in rules for loss in _losses(rule, baseline, candidate)):
        if loss.key not in worst_by_key or loss.size > worst_by_key[loss.key].size:
            worst_by_key[loss.key] = loss
    return sorted(worst_by_key.values(), key=lambda loss: (-loss.size, loss.key))[:SHOWN]


def _losses(rule: Rule, baseline: Mapping[str, Questions], candidate: Mapping[str, Questions]) -> Iterator[Loss]:
    before, other = (side.get(rule.metric.protocol, {}) for side in (baseline, candidate))
    name = _looked_at(rule)
    for key, values in before.items():
        if key.task == rule.task and name in values and name in other.get(key, {}) and values[name] > other[key][name]:
            yield Loss(key, name, values[name], other[key][name])


def _looked_at(rule: Rule) -> str:
    """The gated metric, or the nearest of its kind that single questions have; '' where there is none."""
    if rule.metric.question is not None:
        return rule.metric.name
    task, of_text = load_task(rule.task), "text" in rule.metric.needs
    columns = task.columns(rule.metric.protocol)
    candidates = [
        metric.name for metric in columns if metric.question is not None and ("text" in metric.needs) is of_text
    ]
    return task.orders_by if task.orders_by in candidates else next(iter(candidates), "")
