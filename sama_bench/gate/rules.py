"""The rules of a gate: metrics, and the points that each may drop."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sama_bench.benchmark.installed import is_task, load_task, tasks
from sama_bench.errors import UserError, each
from sama_bench.files.json_shapes import short as shown
from sama_bench.files.yaml_files import read_yaml
from sama_bench.metric import Metric
from sama_bench.suggestions import nearest
from sama_bench.types import TaskName

ALPHA, MARGIN, MAX_DROP = 0.05, 1.5, 0.5
FORM = "TASK.METRIC or TASK.PROTOCOL.METRIC, such as g.jf, c.meteor or g.paper.miou"


@dataclass(frozen=True)
class Rule:
    """One metric of one task and protocol, and the drop in points (hundredths) that is allowed."""

    task: TaskName
    metric: Metric
    max_drop: float

    @property
    def name(self) -> str:
        """The rule's metric as one writes it: `g.jf`, `g.paper.miou`."""
        protocol = "" if self._is_main else f"{self.metric.protocol}."
        return f"{self.task}.{protocol}{short(self.metric.name)}"

    @property
    def label(self) -> str:
        """The metric as people read it: `G J&F ↑`."""
        protocol = "" if self._is_main else f" ({self.metric.protocol})"
        return f"{self.task.upper()} {self.metric.label}{protocol} {'↑' if self.metric.higher_is_better else '↓'}"

    @property
    def _is_main(self) -> bool:
        return self.metric.protocol == load_task(self.task).main_protocol.name


@dataclass(frozen=True)
class Policy:
    """All rules together. Rates are in 0…1, drops in points.

    `alpha` is how often a candidate as good as allowed may fail, over all rules together. A drop of `margin` more
    than is allowed must not slip through: where it cannot be excluded, the gate does not pass.
    """

    rules: tuple[Rule, ...]
    alpha: float = ALPHA
    margin: float = MARGIN

    def __post_init__(self) -> None:
        """Check the numbers; raises UserError with all that are not right."""
        problems = [
            f"{rule.name}: max-drop is {rule.max_drop:g} points, expected 0 or more"
            for rule in self.rules
            if not 0 <= rule.max_drop < math.inf
        ]
        if not 0 < self.margin < math.inf:
            problems.append(f"margin is {self.margin:g} points, expected more than 0")
        if not 0 < self.alpha < 0.5:
            problems.append(f"alpha is {self.alpha:g}, expected more than 0 and less than 0.5")
        names = [rule.name for rule in self.rules]
        problems += [f"{name} is gated twice" for name in dict.fromkeys(names) if names.count(name) > 1]
        if problems:
            raise UserError(problems)


def short(name: str) -> str:
    """A metric's name as one types it: lower case, only letters, digits and underscores (`J&F` is `jf`)."""
    return re.sub(r"[^a-z0-9_]", "", name.lower())


def rule(name: str, max_drop: float = MAX_DROP) -> Rule:
    """Make the rule for a metric's name. Raises UserError where there is no such metric."""
    parts = name.lower().split(".")
    task = load_task(parts[0]) if is_task(parts[0]) else None
    protocol = parts[1] if len(parts) == 3 else task.main_protocol.name if task else ""
    if task is None or len(parts) not in {2, 3} or protocol not in task.protocols:
        raise UserError(f"{shown(name)} is not a metric: expected {FORM}")
    known = {short(metric.name): metric for metric in task.columns(protocol)}
    metric = known.get(short(parts[-1]))
    if metric is None:
        hint = nearest(short(parts[-1]), known)
        raise UserError(
            f"{shown(name)}: task {task.key}, protocol {protocol} has no such metric{hint}; it has {', '.join(known)}"
        )
    return Rule(task.key, metric, max_drop)


def usual(keys: Iterable[str]) -> tuple[Rule, ...]:
    """The rules where the user names none: the headline metrics of the tasks that there are; each may drop by 0.5."""
    wanted_keys = set(keys)
    metrics_by_task = ((task.key, task.main_protocol.metrics) for task in tasks() if task.key in wanted_keys)
    return tuple(
        Rule(key, metric, MAX_DROP) for key, metrics in metrics_by_task for metric in metrics if metric.headline
    )


def read_config(path: Path) -> Policy:
    """Read a gate's YAML file: `metrics` (name to max-drop in points), `alpha`, `margin`.

    Raises UserError, all problems at once, where it cannot be read or says something else.
    """
    content = read_yaml(path)
    if not isinstance(content, Mapping) or not isinstance(content.get("metrics"), Mapping) or not content["metrics"]:
        raise UserError(f"{path}: expected a mapping with `metrics`, such as `metrics: {{g.jf: 0.5}}`")
    if unknown := [shown(key) for key in content if key not in {"metrics", "alpha", "margin"}]:
        raise UserError(f"{path}: knows no {', '.join(unknown)}; expected metrics, alpha, margin")
    try:
        rules = each(lambda entry: rule(str(entry[0]), _number(entry[0], entry[1])), content["metrics"].items())
        return Policy(
            tuple(rules), *(_number(key, content.get(key, or_)) for key, or_ in (("alpha", ALPHA), ("margin", MARGIN)))
        )
    except UserError as problem:
        raise UserError([f"{path}: {line}" for line in problem.problems]) from problem


def _number(name: object, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UserError(f"{shown(name)} is {shown(value)}, expected a number")
    return float(value)
