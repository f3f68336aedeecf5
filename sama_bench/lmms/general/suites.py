"""Suites of lmms-eval's tasks: which tasks, which of their metrics, on which scale, as `suites.yaml` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from sama_bench.errors import UserError
from sama_bench.suggestions import nearest

Scale = Literal["fraction", "percent", "points", "unknown"]
PAPER = "paper"


@dataclass(frozen=True)
class SuiteMetric:
    """A metric that stands in the tables: lmms-eval's name of it, ours, its scale and its direction."""

    metric: str
    label: str
    scale: Scale
    higher_is_better: bool


@dataclass(frozen=True)
class SuiteTask:
    """A task of lmms-eval. Without `metrics` all that it gives are taken, under lmms-eval's names.

    `key` is the environment variable that it needs, '' where it needs none.
    """

    task: str
    metrics: tuple[SuiteMetric, ...] = ()
    caveat: str = ""
    key: str = ""


def suite(name: str) -> tuple[SuiteTask, ...]:
    """The tasks of a suite, in the order of the tables. Raises UserError where there is none of that name."""
    known = _content()["suites"]
    if name not in known:
        raise UserError(f"there is no suite {name!r}{nearest(name, list(known))}; there are {', '.join(known)}")
    return tuple(map(_entry, known[name]))


def entries(names: Sequence[str]) -> list[SuiteTask]:
    """Tasks by name: as `suites.yaml` describes them where it does, and else without a description. Each once."""
    entries_known = [entry for tasks in (*_content()["suites"].values(), _content()["others"]) for entry in tasks]
    described = {entry["task"]: _entry(entry) for entry in entries_known}
    return [described.get(name, SuiteTask(name)) for name in dict.fromkeys(names)]


def usual_scale(metric: str) -> Scale:
    """The scale of a metric that no suite describes, as far as lmms-eval uses it alike everywhere."""
    return "fraction" if metric in _content()["fractions"] else "unknown"


def percent(value: float, scale: Scale) -> float:
    """A value as the tables show it: fractions in percent, all else as it is."""
    return 100 * value if scale == "fraction" else value


def _entry(described: Mapping[str, Any]) -> SuiteTask:
    metrics = tuple(SuiteMetric(**metric) for metric in described["metrics"])
    return SuiteTask(described["task"], metrics, described.get("caveat", ""), described.get("key", ""))


@lru_cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((files(__package__) / "suites.yaml").read_bytes())
    return content
