"""Asks a model the questions of a benchmark, video by video, or many videos together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from sama_bench.adapter import Adapter, BatchAdapter
from sama_bench.errors import UserError
from sama_bench.run.batches import answered_together
from sama_bench.run.dispatch import Workers
from sama_bench.run.fail_fast import TooManyErrors
from sama_bench.run.predictions import FAILURES, StoredPrediction, failed, reason, validate
from sama_bench.run.prefetch import ahead
from sama_bench.run.progress import Progress, Silence
from sama_bench.run.store import Store
from sama_bench.types import Key, Question, Truth, Video

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark, Entry

Answer = tuple[Key, StoredPrediction]
Todo = Sequence[tuple["Entry", list[Key]]]


def open_questions(
    benchmark: Benchmark, store: Store, *, retry_errors: bool = False, regions: bool = True
) -> list[tuple[Entry, list[Key]]]:
    """The videos that are still to be worked on, each with the keys of its questions that are still to be asked.

    Without `regions` the questions that have one are left out: those of a model that takes none.
    """
    answered = store.all_keys()
    if retry_errors:
        answered -= store.errors().keys()
    left = ((entry, [key for key in entry.keys if key not in answered]) for entry in benchmark.entries)
    todo = [(entry, keys) for entry, keys in left if keys]
    return todo if regions else _without_regions(benchmark, todo)


def askable(benchmark: Benchmark, todo: Todo, adapter: Adapter) -> Todo:
    """What of `todo` the adapter can be asked: of one that takes no regions, the questions that have none."""
    return todo if adapter.can.regions else _without_regions(benchmark, todo)


def _without_regions(benchmark: Benchmark, todo: Todo) -> list[tuple[Entry, list[Key]]]:
    plain = (
        (entry, [one.key for one in _questions(benchmark, entry, keys) if not one.regions]) for entry, keys in todo
    )
    return [(entry, keys) for entry, keys in plain if keys]


def _questions(benchmark: Benchmark, entry: Entry, keys: Sequence[Key]) -> list[Question]:
    wanted = set(keys)
    return [question for question in benchmark.questions(entry.video.id) if question.key in wanted]


def run(
    benchmark: Benchmark,
    asked: Adapter | Workers,
    store: Store,
    *,
    retry_errors: bool = False,
    progress: Progress | None = None,
    tick: Callable[[], None] = lambda: None,
) -> int:
    """Ask an adapter, or a model in several workers, every question that `store` has no answer to: how many they were.

    Each video is stored when its last question is answered; answers of workers as they come. An exception of the
    adapter becomes the error of that question, one in `open` that of all questions of the video, one in `predict_all`
    that of all questions that it was given and had not answered; the run goes on. Raises UserError where a frame is
    broken, a budget is spent, the store cannot be written, or `progress` raises it, having seen too many errors;
    KeyboardInterrupt passes. What was stored stays in either case. `tick` is called now and then.
    """
    progress = progress or Silence()
    todo = open_questions(benchmark, store, retry_errors=retry_errors, regions=asked.can.regions)
    store.arrange(benchmark.positions)
    _begin(progress, benchmark, todo)
    if isinstance(asked, Workers):
        _store_as_they_come(asked, benchmark, todo, store, progress, tick)
    else:
        for video, answers in ask(benchmark, asked, todo, progress):
            store.put(video, answers)
            progress.video_done()
    return sum(len(keys) for _, keys in todo)


def _store_as_they_come(
    workers: Workers, benchmark: Benchmark, todo: Todo, store: Store, progress: Progress, tick: Callable[[], None]
) -> None:
    """Store what the workers answer; this is the only place that writes answers, whatever their number."""
    left = {entry.video.id: len(keys) for entry, keys in todo}
    with closing(workers.answers(benchmark, todo, progress, tick)) as arriving:
        for answered in arriving:
            store.put_all(answered)
            for video, _, answer in answered:
                progress.question_done(answer.error)
                left[video] -= 1
                if not left[video]:
                    progress.video_done()


def ask(benchmark: Benchmark, adapter: Adapter, todo: Todo, progress: Progress) -> Iterator[tuple[str, list[Answer]]]:
    """Ask the questions of `todo`; each video with its answers when they are all there. Raises as `run` does."""
    if isinstance(adapter, BatchAdapter):
        return _together(benchmark, adapter, todo, progress)
    return _one_by_one(benchmark, adapter, todo, progress)


def _begin(progress: Progress, benchmark: Benchmark, todo: Todo) -> None:
    videos, questions = len(benchmark.entries), sum(len(entry.keys) for entry in benchmark.entries)
    left = sum(len(keys) for _, keys in todo)
    progress.begin(videos, questions, videos - len(todo), questions - left)


def _one_by_one(
    benchmark: Benchmark, adapter: Adapter, todo: Todo, progress: Progress
) -> Iterator[tuple[str, list[Answer]]]:
    """Each video with the answers to its questions, asked while it is open."""
    with closing(ahead(entry.video for entry, _ in todo)) as videos:
        for (entry, keys), video in zip(todo, videos, strict=True):
            questions = _questions(benchmark, entry, keys)
            answers: list[Answer] = []
            try:
                with revealing(benchmark, adapter, [video.id]):
                    answers.extend(ask_video(adapter, video, questions, progress))
            except TooManyErrors:
                yield video.id, answers  # they are what it ends for
                raise
            yield video.id, answers


def _together(
    benchmark: Benchmark, adapter: BatchAdapter, todo: Todo, progress: Progress
) -> Iterator[tuple[str, list[Answer]]]:
    """Each video with the answers to its questions, as soon as its last one is there."""
    for group in _groups(todo, adapter.at_once):
        videos = [_questions(benchmark, entry, keys) for entry, keys in group]
        with revealing(benchmark, adapter, [entry.video.id for entry, _ in group]):
            yield from answered_together(adapter, videos, progress)


def _groups(todo: Todo, at_once: int) -> Iterator[Todo]:
    """Whole videos in order, so many together that they have at least `at_once` questions."""
    group: list[tuple[Entry, list[Key]]] = []
    for one in todo:
        group.append(one)
        if sum(len(keys) for _, keys in group) >= at_once:
            yield group
            group = []
    if group:
        yield group


@contextmanager
def revealing(benchmark: Benchmark, adapter: Adapter, videos: Sequence[str]) -> Iterator[None]:
    """Let an adapter that is to see the truth see that of some videos, and no other adapter any."""
    if not adapter.can.truth:
        yield
        return
    truths = {key: truth for video in videos for key, truth in benchmark.truths(video).items()}

    def reveal(question: Question) -> Truth:
        return truths[question.key]

    adapter.reveal = reveal
    try:
        yield
    finally:
        adapter.reveal = None


def ask_video(adapter: Adapter, video: Video, questions: Sequence[Question], progress: Progress) -> Iterator[Answer]:
    """Open a video, ask its questions, close it: each key with its answer, or the error that it ended in."""
    try:
        broken = _failure_to_open(adapter, video)
        for question in questions:
            answer = broken or _answer(adapter, question)
            yield question.key, answer
            progress.question_done(answer.error)
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
    return validate(answer, question.video, perf_counter() - begin)


def _close(adapter: Adapter, video: Video, progress: Progress) -> None:
    try:
        adapter.close()
    except FAILURES as problem:
        progress.warn(f"{video.id}: the adapter's close() failed ({reason(problem)}); its answers are kept")
