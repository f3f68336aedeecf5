"""The JSON of Every Eval Ever (evaleval/every_eval_ever 9bce413, schemas/eval.schema.json, version 0.3.0)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from sama_bench import __version__
from sama_bench.result_formats.scored_run import Number, ScoredRun

SCHEMA = "0.3.0"
RELATIONSHIPS = ("first_party", "third_party", "collaborative", "other")
UNKNOWN = {"deployment_type": "unknown", "model_availability": "unknown"}


@dataclass(frozen=True)
class Evaluator:
    """Who evaluated: an organization, and how it stands to the model's makers (one of `RELATIONSHIPS`)."""

    organization: str
    relationship: str


def every_eval_ever(run: ScoredRun, evaluator: Evaluator, dataset: str | None = None) -> bytes:
    """The JSON of all numbers of a run, as fractions; `dataset` is the id of the benchmark's data on the hub."""
    moment = str(int(run.made.timestamp()))
    content = {
        "schema_version": SCHEMA,
        "evaluation_id": f"{run.manifest.bench_name}/{run.model}/{moment}",
        "evaluation_timestamp": moment,
        "retrieved_timestamp": moment,
        "source_metadata": {
            "source_name": "sama-bench",
            "source_type": "evaluation_run",
            "source_organization_name": evaluator.organization,
            "evaluator_relationship": evaluator.relationship,
        },
        "eval_library": {"name": "sama-bench", "version": __version__},
        "model_info": _model(run),
        "evaluation_results": [_result(run, number, dataset) for number in run.numbers()],
    }
    return f"{json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)}\n".encode(errors="replace")


def _model(run: ScoredRun) -> dict[str, object]:
    settings = run.manifest.settings
    asked = dict(run.manifest.asking or {})
    details = {"adapter": settings.model, **{f"model_arg {name}": value for name, value in settings.model_args.items()}}
    details |= {f"asked {name}": value for name, value in asked.items()}
    return {"name": run.model, "id": run.model, "additional_details": {**details, **UNKNOWN}}


def _result(run: ScoredRun, number: Number, dataset: str | None) -> dict[str, object]:
    metric = number.metric
    about: dict[str, object] = {
        "evaluation_description": f"{number.task.alias}: {metric.label} by the protocol {metric.protocol}",
        "metric_id": f"{metric.protocol}.{metric.name}",
        "metric_name": metric.label,
        "metric_unit": "proportion",
        "lower_is_better": not metric.higher_is_better,
        "score_type": "continuous",
        "min_score": _bound(metric.bounds[0]),
        "max_score": _bound(metric.bounds[1]),
        "additional_details": {"aggregation": metric.aggregation},
    }
    if metric.name in run.judged:
        about["llm_scoring"] = _judge(run, metric.name)
    return {
        "evaluation_result_id": number.name,
        "evaluation_name": number.task.name,
        "source_data": _source(run, dataset),
        "metric_config": about,
        "score_details": _score(number),
    }


def _bound(value: float) -> float | str:
    return value if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"


def _source(run: ScoredRun, dataset: str | None) -> dict[str, object]:
    details = {"fingerprint": run.manifest.settings.fingerprint}
    about = {"dataset_name": run.manifest.bench_name, "additional_details": details}
    if dataset is None:
        return {**about, "source_type": "other"}
    return {**about, "source_type": "hf_dataset", "hf_repo": dataset}


def _judge(run: ScoredRun, column: str) -> dict[str, object]:
    about = run.judged[column].about
    model = str(about["model"])
    info = {"name": model, "id": model, "additional_details": UNKNOWN}
    judge = {"model_info": info, "temperature": float(about["temperature"])}
    details = {"label": run.judged[column].label}
    return {"judges": [judge], "input_prompt": f"template {about['template']}", "additional_details": details}


def _score(number: Number) -> dict[str, object]:
    block = number.block
    uncertainty: dict[str, object] = {"num_samples": block.questions}
    if number.interval is not None:
        low, high = number.interval
        uncertainty["confidence_interval"] = {"lower": low, "upper": high, **_method(number)}
        if block.bootstrap is not None:
            uncertainty["num_bootstrap_samples"] = block.bootstrap.resamples
    counts: Mapping[str, object] = {"questions": block.questions, "missing": block.missing, "errors": block.errors}
    details = {"signature": number.signature, **{name: str(value) for name, value in counts.items()}}
    return {"score": number.mean, "details": details, "uncertainty": uncertainty}


def _method(number: Number) -> dict[str, object]:
    bootstrap = number.block.bootstrap
    return {} if bootstrap is None else {"confidence_level": bootstrap.level, "method": bootstrap.method}
