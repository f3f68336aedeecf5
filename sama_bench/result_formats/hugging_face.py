"""Hugging Face's `.eval_results/*.yaml` of a model's repository (huggingface/hub-docs, eval_results.yaml, 242f4a1).

Each entry names a data set of the hub, a task that this defines in its `eval.yaml`, and one value.
"""

from __future__ import annotations

from sama_bench.result_formats.scored_run import Number, ScoredRun

SAMA_DATASET = "Sunye2311/SAMA_Dataset"
DIGITS = 4


def eval_results(run: ScoredRun, dataset: str, source: str | None = None) -> bytes:
    """The YAML of a run's headline numbers, in percent, as tasks of `dataset`; `source` is an address to look at."""
    import yaml

    entries = [_entry(run, number, dataset, source) for number in run.numbers() if number.metric.headline]
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=110).encode()


def _entry(run: ScoredRun, number: Number, dataset: str, source: str | None) -> dict[str, object]:
    entry: dict[str, object] = {
        "dataset": {"id": dataset, "task_id": number.name},
        "value": round(100 * number.mean, DIGITS),
        "date": run.made.date().isoformat(),
    }
    if source is not None:
        entry["source"] = {"url": source, "name": "sama-bench"}
    return {**entry, "notes": _notes(number)}


def _notes(number: Number) -> str:
    ends = number.interval
    interval = f", 95 % interval {100 * ends[0]:.2f} to {100 * ends[1]:.2f}" if ends is not None else ""
    what = f"{number.task.alias}, {number.metric.label}, protocol {number.metric.protocol}, percent{interval}"
    return f"{what}; {number.signature}"
