"""The benchmarks that are installed, and their tasks: entry points of the group `sama_bench.benchmarks`.

SAMA-Bench comes by the same way as a stranger's.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, NamedTuple

from sama_bench.errors import UserError
from sama_bench.suggestions import nearest
from sama_bench.task import Task
from sama_bench.types import TaskName

if TYPE_CHECKING:
    from sama_bench.benchmark.definition import BenchmarkDefinition

GROUP = "sama_bench.benchmarks"
USUAL = "sama-bench"  # what a folder is taken for that none recognises
FIRST = (USUAL, "demo", "demo-dialogue", "demo-refvos", "demo-refimage")


class Installed(NamedTuple):
    """The benchmarks by name, and why others that are installed cannot be used."""

    benchmarks: dict[str, BenchmarkDefinition]
    broken: dict[str, str]


@lru_cache(maxsize=1)
def installed() -> Installed:
    """All benchmarks that are installed: SAMA-Bench, the demo, then those of other packages by name."""
    benchmarks = Installed({}, {})
    owners: dict[TaskName, Task] = {}
    for point in _points():
        if point.name in benchmarks.benchmarks:
            benchmarks.broken[point.name] = f"{point.value}: another package brings a benchmark of this name"
            continue
        try:
            definition = _loaded(point)
        except Exception as problem:  # a stranger's code
            if point.name in FIRST:
                raise
            benchmarks.broken[point.name] = f"{point.value}: {type(problem).__name__}: {problem}"
            continue
        clashes = [task.key for task in definition.tasks if owners.setdefault(task.key, task) is not task]
        if clashes:
            benchmarks.broken[point.name] = (
                f"{point.value}: another benchmark has a task of the key {', '.join(clashes)}"
            )
        else:
            benchmarks.benchmarks[point.name] = definition
    return benchmarks


def _points() -> list[EntryPoint]:
    points = entry_points(group=GROUP)
    return sorted(
        points, key=lambda point: (FIRST.index(point.name) if point.name in FIRST else len(FIRST), point.name)
    )


def _loaded(point: EntryPoint) -> BenchmarkDefinition:
    from sama_bench.benchmark.definition import BenchmarkDefinition

    definition = point.load()
    if not isinstance(definition, BenchmarkDefinition):
        raise TypeError(f"is {type(definition).__name__}, expected a sama_bench.benchmark.BenchmarkDefinition")
    return definition


def benchmark_named(name: str) -> BenchmarkDefinition:
    """The benchmark of that name. Raises UserError where there is none, with the nearest names."""
    benchmarks = installed()
    if name in benchmarks.benchmarks:
        return benchmarks.benchmarks[name]
    if name in benchmarks.broken:
        raise UserError(f"the benchmark {name} cannot be used: {benchmarks.broken[name]}")
    known = benchmarks.benchmarks
    raise UserError(f"there is no benchmark {name!r}{nearest(name, known)}; there are {', '.join(known)}")


@lru_cache(maxsize=1)
def _tasks() -> dict[TaskName, Task]:
    return {task.key: task for definition in installed().benchmarks.values() for task in definition.tasks}


def tasks() -> Iterator[Task]:
    """All tasks of the installed benchmarks, those of SAMA-Bench first."""
    yield from _tasks().values()


def is_task(key: object) -> bool:
    """Whether a task of an installed benchmark has this key."""
    return isinstance(key, str) and key in _tasks()


def load_task(key: TaskName) -> Task:
    """The task of that key. Raises UserError where no installed benchmark has it."""
    if key not in _tasks():
        raise UserError(
            f"task {key}: no installed benchmark has it{nearest(key, _tasks())}; there are {', '.join(_tasks())}"
        )
    return _tasks()[key]


def task_keys() -> tuple[TaskName, ...]:
    """The keys of all tasks of the installed benchmarks, those of SAMA-Bench first."""
    return tuple(_tasks())
