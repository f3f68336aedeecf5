"""Our questions as lmms-eval's documents: a row of texts for each, which leads back to the question."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sama_bench.benchmark.installed import tasks
from sama_bench.benchmarks.sama.layout import SOURCES
from sama_bench.errors import UserError
from sama_bench.types import Key, Question, TaskName, Truth

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

ROOT = "SAMA_BENCH_ROOT"
DEMO = "demo"


class Selected(NamedTuple):
    """The questions of a task of lmms-eval: those of `task`, of one source data set or (None) of all."""

    task: TaskName
    source: str | None


def selected(name: str) -> Selected | None:
    """The questions that the task `name` of lmms-eval asks; None where it is none of ours.

    SAMA-Bench's tasks may end in the name of a source data set: `sama_bench_g_mevis`.
    """
    by_name = {task.name: task.key for task in tasks()}
    if name in by_name:
        return Selected(by_name[name], None)
    sources = {source.name.lower(): source.name for source in SOURCES}
    for key in by_name.values():
        source = name.removeprefix(f"sama_bench_{key}_")
        if source != name and source in sources:
            return Selected(key, sources[source])
    return None


def is_ours(name: str) -> bool:
    """True if `name` is one of our tasks in lmms-eval."""
    return selected(name) is not None


def benchmark() -> Benchmark:
    """The benchmark that $SAMA_BENCH_ROOT names, or the demo; opened once. Raises UserError where it is not right."""
    return _open_benchmark(os.environ.get(ROOT) or DEMO)


def rows(name: str) -> Iterator[dict[str, str]]:
    """The documents of our task `name`, in the benchmark's order: texts alone, no mask is read.

    Raises UserError where the benchmark has no such question.
    """
    chosen = selected(name)
    assert chosen is not None
    opened, any_ = benchmark(), False
    for entry in opened.entries:
        if chosen.source is not None and entry.video.source != chosen.source:
            continue
        for key, (question, answer) in opened.wordings(entry.video.id).items():
            if key.task == chosen.task:
                any_ = True
                fields = {
                    "task": key.task,
                    "question_id": key.id,
                    "video": entry.video.id,
                    "source": entry.video.source,
                }
                yield {**fields, "question": question, "answer": answer}
    if not any_:
        of = "" if chosen.source is None else f" of the source data set {chosen.source}"
        raise UserError(f"{name}: the benchmark {opened.root} has no question of task {chosen.task}{of}; leave it out")


def key_of(doc: Mapping[str, Any]) -> Key:
    """The key of the question that a document is of."""
    return Key(doc["task"], doc["question_id"])


def question_of(doc: Mapping[str, Any]) -> Question:
    """The question that a document is of. Raises UserError where the benchmark is another one than the document's."""
    return _of_video(doc["video"], doc)[0][key_of(doc)]


def truth_of(doc: Mapping[str, Any]) -> Truth:
    """The truth of a document's question; for the scorer, and models that are shown it. Raises as `question_of`."""
    return _of_video(doc["video"], doc)[1][key_of(doc)]


Loaded = tuple[dict[Key, Question], dict[Key, Truth]]
# lmms-eval has threads that load what is shown, and threads that work on results.
_reading = threading.Lock()


def _of_video(video: str, doc: Mapping[str, Any]) -> Loaded:
    opened = benchmark()
    if opened.where.get(key_of(doc)) != video:
        raise UserError(
            f"question {key_of(doc)} of {video} is not in the benchmark {opened.root}: was ${ROOT} changed? "
            "lmms-eval keeps prepared questions; start again with --cache_requests refresh"
        )
    with _reading:
        return _load_video(str(opened.root), video)


@lru_cache(maxsize=4)  # documents come video by video; their masks are read once
def _load_video(_root: str, video: str) -> Loaded:
    opened = benchmark()
    return {question.key: question for question in opened.questions(video)}, dict(opened.truths(video))


@lru_cache(maxsize=2)
def _open_benchmark(root: str) -> Benchmark:
    from sama_bench.benchmark import open_benchmark

    return open_benchmark(root)
