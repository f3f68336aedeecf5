"""A task's scores out of what lmms-eval's evaluation gives."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sama_bench.lmms.general.record import Scored, Value
from sama_bench.lmms.general.suites import SuiteMetric, SuiteTask, usual_scale

ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # behind the name of a function: another one each time
# What of a task's configuration decides its numbers, beside code.
DEFINING = (
    "dataset_path",
    "dataset_name",
    "test_split",
    "validation_split",
    "output_type",
    "doc_to_text",
    "doc_to_target",
    "generation_kwargs",
    "num_fewshot",
    "repeats",
)
WORDING = "lmms_eval_specific_kwargs"
DEFAULT = "default"
NONE = "none"  # lmms-eval's name for no filter


class NoNumber(Exception):
    """An evaluation that gave none; the message says what it gave."""


def scored(results: Mapping[str, Any], entry: SuiteTask, model: str, seconds: float) -> Scored:
    """The scores of the task `entry` out of `simple_evaluate`'s results. Raises NoNumber.

    `model` is the name by which tasks know the model: some have a wording of their own for it.
    """
    name = entry.task
    given_values = _values_by_metric(results["results"][name])
    metrics = entry.metrics or tuple(_undescribed(name, given_values, results["higher_is_better"][name]))
    values, lacking = _values(given_values, metrics)
    if not values:
        raise NoNumber(f"lmms-eval gave no number for it, only {_values_given(results['results'][name])}")
    config = results["configs"][name]
    return Scored(
        values=tuple(values),
        questions=results["n-samples"][name]["effective"],
        of=results["n-samples"][name]["original"],
        version=str(results["versions"][name]),
        definition=definition(config),
        prompt=model if model in (config.get(WORDING) or {}) else DEFAULT,
        caveat=entry.caveat,
        lacking=lacking,
        seconds=round(seconds, 1),
    )


def definition(config: Mapping[str, Any]) -> str:
    """8 hexadecimal digits of what a task asks, in its default wording, and of how answers are made."""
    wording = config.get(WORDING) or {}
    wording_values = {name: _plain(config.get(name)) for name in DEFINING} | {
        WORDING: _plain(wording.get(DEFAULT, wording))
    }
    metrics = [_plain(metric.get("metric")) for metric in config.get("metric_list") or []]
    filters = [filter_.get("name") for filter_ in config.get("filter_list") or []]
    return sha256(json.dumps([wording_values, metrics, filters], sort_keys=True).encode()).hexdigest()[:8]


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _plain(member) for name, member in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(member) for member in value]
    return value if isinstance(value, bool | int | float | None) else ADDRESS.sub("", str(value))


Given = dict[str, dict[str, Any]]


def _values_by_metric(results: Mapping[str, Any]) -> Given:
    """The values by metric and filter: lmms-eval has them as `metric,filter`, standard errors among them."""
    by_metric: Given = {}
    for key, value in results.items():
        metric, comma, filter_ = key.rpartition(",")
        if comma and not metric.endswith(("_stderr", "_stderr_clt", "_stderr_clustered")):
            by_metric.setdefault(metric, {})[filter_] = value
    return by_metric


def _undescribed(task: str, given_values: Given, directions: Mapping[str, bool]) -> Iterator[SuiteMetric]:
    """All metrics of a task that no suite describes, with what is known of their scale."""
    for metric in given_values:
        scale = usual_scale(metric)
        label = f"{task} {metric}" + (" (as given)" if scale == "unknown" else "")
        yield SuiteMetric(metric, label, scale, directions.get(metric, True) is not False)


def _values(given_values: Given, metrics: Sequence[SuiteMetric]) -> tuple[list[Value], dict[str, str]]:
    values: list[Value] = []
    lacking: dict[str, str] = {}
    for described in metrics:
        numbers = {name: value for name, value in given_values.get(described.metric, {}).items() if _is_number(value)}
        for name, value in numbers.items():
            several = len(numbers) > 1
            metric = described.metric if name == NONE else f"{described.metric},{name}"
            label = f"{described.label} ({name})" if several else described.label
            values.append(Value(metric, label, float(value), described.scale, described.higher_is_better))
        if not numbers:
            lacking[described.metric] = "lmms-eval gave no number"
    return values, lacking


def _is_number(value: object) -> bool:
    try:
        return not isinstance(value, str | bool) and math.isfinite(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False


def _values_given(results: Mapping[str, Any]) -> str:
    texts = [f"{name.removesuffix(f',{NONE}')} = {value!r}" for name, value in results.items() if "," in name]
    return ", ".join(text for text in texts if "_stderr" not in text) or "nothing"
