"""Asks a model the questions of a benchmark, video by video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from sama_bench.adapters.base import Adapter
from sama_bench.errors import UserError
from sama_bench.run.predictions import StoredPrediction, failed, reason, settle
from sama_bench.run.prefetch import ahead
from sama_bench.run.progress import Progress, Silence
from sama_bench.run.store import Store
from sama_bench.types import Key, Question, Truth, Video

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark, Entry

Answer = tuple[Key, StoredPrediction]
# A model's code that calls sys.exit must not end the run, least of all with status 0.
FAILURES = (Exception, SystemExit)


def open_questions(benchmark: Benchmark, store: Store, *, retry_errors: bool = False) -> list[tuple[Entry, list[Key]]]:
    """The videos that are still to be worked on, each with the keys of its questions that are still to be asked."""
    answered = store.all_keys()
    if retry_errors:
        answered -= store.errors().keys()
    left = ((entry, [key for key in entry.keys if key not in answered]) for entry in benchmark.entries)
    return [(entry, keys) for entry, keys in left if keys]


def run(
    benchmark: Benchmark,
    adapter: Adapter,
    store: Store,
    *,
    retry_errors: bool = False,
    progress: Progress | None = None,
) -> int:
    """Ask `adapter` every question that `store` has no answer to; returns how many were asked.

    Each video is stored when its last question is answered. An exception of the adapter becomes the error of that
    question, one in `open` that of all questions of the video, and the run goes on. Raises UserError where a frame
    is broken or the store cannot be written; KeyboardInterrupt passes. What was stored stays in either case.
    """
    progress = progress or Silence()
    todo = open_questions(benchmark, store, retry_errors=retry_errors)
    _begin(progress, benchmark, todo)
    with closing(ahead(entry.video for entry, _ in todo)) as videos:
        for (_, keys), video in zip(todo, videos, strict=True):
            wanted = set(keys)
            questions = [question for question in benchmark.questions(video.id) if question.key in wanted]
            with _revealing(benchmark, adapter, video):
                answers = list(_asked(adapter, video, questions, progress))
            store.put(video.id, answers)
            progress.video_done()
    return sum(len(keys) for _, keys in todo)


def _begin(progress: Progress, benchmark: Benchmark, todo: Sequence[tuple[Entry, list[Key]]]) -> None:
    videos, questions = len(benchmark.entries), sum(len(entry.keys) for entry in benchmark.entries)
    left = sum(len(keys) for _, keys in todo)
    progress.begin(videos, questions, videos - len(todo), questions - left)


@contextmanager
def _revealing(benchmark: Benchmark, adapter: Adapter, video: Video) -> Iterator[None]:
    if not adapter.can.truth:
        yield
        return
    truths = benchmark.truths(video.id)

    def reveal(question: Question) -> Truth:
        return truths[question.key]

    adapter.reveal = reveal
    try:
        yield
    finally:
        adapter.reveal = None


def _asked(adapter: Adapter, video: Video, questions: Sequence[Question], progress: Progress) -> Iterator[Answer]:
    try:
        broken = _failure_to_open(adapter, video)
        for question in questions:
            yield question.key, broken or _answer(adapter, question)
            progress.question_done()
    finally:
        _close(adapter, video, progress)


def _failure_to_open(adapter: Adapter, video: Video) -> StoredPrediction | None:
    try:
        adapter.open(video)
    except UserError:
        raise
    except FAILURES as problem:
        return failed(problem, during="open")
    return None


def _answer(adapter: Adapter, question: Question) -> StoredPrediction:
    begin = perf_counter()
    try:
        answer = adapter.predict(question)
    except UserError:
        raise
    except FAILURES as problem:
        return failed(problem, perf_counter() - begin)
    return settle(answer, question.video, perf_counter() - begin)


def _close(adapter: Adapter, video: Video, progress: Progress) -> None:
    try:
        adapter.close()
    except FAILURES as problem:
        progress.warn(f"{video.id}: the adapter's close() failed ({reason(problem)}); its answers are kept")
