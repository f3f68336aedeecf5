"""Benchmarks by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from sama_bench.benchmark import Benchmark, open_benchmark
from sama_bench.benchmark.installed import task_keys
from sama_bench.benchmark.shards import Shard
from sama_bench.errors import UserError
from sama_bench.suggestions import nearest
from sama_bench.types import TaskName

BenchmarkLike: TypeAlias = Benchmark | str | Path


def load_benchmark(
    name: str | Path = "demo",
    *,
    tasks: str | Sequence[str] | None = None,
    videos: str | None = None,
    limit: int | None = None,
    shard: str | None = None,
) -> Benchmark:
    """Open a benchmark, and select questions of it.

    `name` is that of a benchmark which brings its data ("demo"), `NAME:FOLDER`, or the folder of a benchmark. `tasks`
    are all where none is named, or some ("g", "c"); `videos` is a glob on the videos' ids
    or the last parts of them; `limit` selects the first N questions of each task; `shard` a part of all these, such as
    "2/8": whole videos, so that all parts cost about the same. Everything that the selected
    questions need is checked: raises UserError with all that is wrong, or where nothing is selected.

    Examples:
        >>> import sama_bench as sb
        >>> bench = sb.load_benchmark("demo", tasks="g", limit=2)
        >>> len(bench)
        2
        >>> [str(question.key) for question in bench]
        ['g:demo-g-0-0', 'g:demo-g-0-1']
        >>> bench.question("g:demo-g-0-1").regions[0].mask(0).shape == bench.videos[0].size
        True
    """
    if limit is not None and limit < 1:
        raise UserError(f"limit is {limit}, expected 1 or more")
    part = None if shard is None else Shard.parse(shard)
    named = None if tasks is None else task_names(tasks)
    return open_benchmark(name, tasks=named, videos=videos, limit=limit, shard=part)


def opened(
    bench: BenchmarkLike,
    tasks: str | Sequence[str] | None = None,
    videos: str | None = None,
    limit: int | None = None,
    shard: str | None = None,
) -> Benchmark:
    """The benchmark itself, or the one of that name; raises UserError where one that is open is to be selected of."""
    if not isinstance(bench, Benchmark):
        return load_benchmark(bench, tasks=tasks, videos=videos, limit=limit, shard=shard)
    selected = {"tasks": tasks, "videos": videos, "limit": limit, "shard": shard}
    if given_names := [name for name, value in selected.items() if value is not None]:
        raise UserError(f"{', '.join(given_names)}: this benchmark is open; select when loading it: load_benchmark(…)")
    return bench


def task_names(tasks: str | Sequence[str]) -> list[TaskName]:
    """Tasks by their names, in the order of the tables. Raises UserError for unknown ones, and where none is named."""
    names = [task.lower() for task in ([tasks] if isinstance(tasks, str) else tasks)]
    known = task_keys()
    if unknown := [name for name in names if name not in known]:
        raise UserError(
            [f"there is no task {name!r}{nearest(name, known)}, expected {' or '.join(known)}" for name in unknown]
        )
    if not names:
        raise UserError(f"no task is named, expected {' or '.join(known)}, or None for all")
    return [task for task in known if task in names]
