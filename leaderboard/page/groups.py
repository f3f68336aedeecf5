"""Runs by benchmark: the page has a list of questions for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sama_bench.benchmark.installed import installed, is_task, load_task
from sama_bench.leaderboard.page.question_data import ReadRun

SHORT = 8  # digits of a fingerprint, as in signatures


@dataclass(frozen=True)
class Group:
    """Runs of one benchmark. Names of its data files begin with `prefix`, which is '' for the first group's."""

    fingerprint: str
    label: str
    prefix: str
    runs: Sequence[ReadRun]


def groups(runs: Sequence[ReadRun]) -> list[Group]:
    """The runs by the fingerprint of their benchmark, in the order in which these come; labels are all unlike."""
    by_fingerprint: dict[str, list[ReadRun]] = {}
    for run in runs:
        by_fingerprint.setdefault(run.fingerprint, []).append(run)
    labels = [_label(group[0]) for group in by_fingerprint.values()]
    counts = Counter(labels)
    return [
        Group(
            fingerprint,
            label if counts[label] == 1 else f"{label} {fingerprint[:SHORT]}",
            f"bench{number}-" if number else "",
            group,
        )
        for number, (label, (fingerprint, group)) in enumerate(zip(labels, by_fingerprint.items(), strict=True))
    ]


def _label(run: ReadRun) -> str:
    """The benchmark's title where it is known by name; that of a folder's by the task, with the folder's name."""
    benchmarks = installed().benchmarks
    if run.bench in benchmarks:
        return _title(run.bench)
    task = next((key.task for key in run.questions), None)
    return benchmark_of(task) or run.bench


def benchmark_of(task: str | None) -> str:
    """The title of the first installed benchmark that has the task; '' where none has."""
    if task is None or not is_task(task):
        return ""
    definition = load_task(task)
    return next(_title(name) for name, benchmark in installed().benchmarks.items() if definition in benchmark.tasks)


def _title(name: str) -> str:
    """What stands before the colon in a benchmark's title, else its name."""
    head, colon, _ = installed().benchmarks[name].title.partition(":")
    return head if colon else name


def run_names(paths: Sequence[str]) -> list[str]:
    """A name for each run, which links hold: the last part of its path, or all of it where two have the same."""
    names = [path.rstrip("/").rpartition("/")[2] for path in paths]
    counts = Counter(names)
    return [name if counts[name] == 1 and name else path for name, path in zip(names, paths, strict=True)]
