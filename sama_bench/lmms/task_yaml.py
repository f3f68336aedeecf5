"""A task of any benchmark as the YAML that lmms-eval runs."""

from __future__ import annotations

from typing import Any

import yaml

from sama_bench.lmms_yaml import ANSWERED
from sama_bench.task import Task

OURS = "sama_bench.lmms"


class Function(str):
    """A dotted name that lmms-eval imports: `!function NAME`."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(Function, lambda dumper, name: dumper.represent_scalar("!function", str(name)))


def task_yaml(task: Task) -> str:
    """The file that asks the task's questions in lmms-eval, of the benchmark that SAMA_BENCH_ROOT names there."""
    head = f"# {task.alias}. Written by sama-bench tasks yaml; lmms-eval 0.7 runs it as it stands.\n"
    return head + yaml.dump(_content(task), Dumper=_Dumper, sort_keys=False, width=120)


def _content(task: Task) -> dict[str, Any]:
    return {
        "task": task.name,
        "task_alias": task.alias,
        "output_type": "generate_until",
        "dataset_path": "json",
        "dataset_kwargs": Function(f"{OURS}.data.{task.name}"),
        "test_split": "test",
        "doc_to_text": Function(f"{OURS}.prompts.words"),
        "doc_to_visual": Function(f"{OURS}.prompts.pictures"),
        "doc_to_target": "answer",
        "process_results": Function(f"{OURS}.results.process_results"),
        "cluster_key": "video",
        "lmms_eval_specific_kwargs": {
            "default": {"family": "general", "grounder": "box"},
            "sama_bench": {"as_it_is": True},
        },
        "generation_kwargs": {"until": [], "max_new_tokens": 2048, "temperature": 0, "do_sample": False},
        "metric_list": metric_list(task),
        "metadata": {"version": 1},
    }


def metric_list(task: Task) -> list[dict[str, Any]]:
    """The task's metrics as lmms-eval lists them: how much was answered, then ours as PROTOCOL_METRIC."""
    answered = {
        "metric": ANSWERED,
        "aggregation": Function(f"{OURS}.results.{ANSWERED}"),
        "higher_is_better": True,
    }
    return [answered] + [
        {
            "metric": f"{metric.protocol}_{metric.name}",
            "label": metric.label,
            "aggregation": Function(f"{OURS}.results.{metric.protocol}_{metric.name}"),
            "higher_is_better": metric.higher_is_better,
        }
        for metric in task.metrics
    ]
