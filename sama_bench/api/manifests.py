"""The manifest of a run that is about to be made, and the parts of its folder's usual name."""

from __future__ import annotations

from collections.abc import Mapping

from sama_bench.benchmark import Benchmark
from sama_bench.benchmark.benchmark import Selection
from sama_bench.benchmark.installed import load_task
from sama_bench.errors import UserError
from sama_bench.run.manifest import Manifest, RunSettings


def new_manifest(
    benchmark: Benchmark,
    model: str,
    model_args: Mapping[str, str],
    asked: Mapping[str, object],
    history: str | None = None,
) -> Manifest:
    """What decides a run of `model` on the benchmark's questions; `asked` are the options as they were given.

    Raises UserError for a benchmark whose questions were picked by hand: nobody could ask the same again.
    """
    selection = selection_of(benchmark)
    settings = RunSettings(
        model=model,
        model_args=model_args,
        fingerprint=benchmark.fingerprint,
        tasks=benchmark.tasks,
        limit=selection.limit,
        videos=selection.videos,
        task_digests={task: load_task(task).digest for task in benchmark.tasks},
        shard=selection.shard,
        history=history,
    )
    counts: dict[str, int] = {task: benchmark.counts(task)[0] for task in benchmark.tasks}
    return Manifest(settings, selection.root, benchmark.name, counts=counts, asked=asked)


def selection_of(benchmark: Benchmark) -> Selection:
    """How the questions were selected. Raises UserError where they were picked by hand."""
    if benchmark.selection is None:
        raise UserError(f"{benchmark!r} was narrowed by hand; select when loading it: load_benchmark(…)")
    return benchmark.selection


def folder_parts(model: str, benchmark: Benchmark) -> list[str]:
    """Model and benchmark, and the task where it is one alone and not named as the benchmark is."""
    tasks = benchmark.tasks
    return [model, benchmark.name, *(tasks if len(tasks) == 1 and [*tasks] != [benchmark.name] else [])]
