"""Asks a model the questions of a benchmark, video by video, or many videos together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from sama_bench.adapter import Abilities, Adapter, BatchAdapter
from sama_bench.dialogue import ALONE, Condition, Histories, stale, waves
from sama_bench.dialogue.histories import chains
from sama_bench.errors import UserError
from sama_bench.run.abilities import EVERYTHING
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
    benchmark: Benchmark,
    store: Store,
    *,
    retry_errors: bool = False,
    can: Abilities = EVERYTHING,
    condition: Condition = ALONE,
) -> list[tuple[Entry, list[Key]]]:
    """The videos that are still to be worked on, each with the keys of its questions that are still to be asked.

    Those that do not suit what the model `can` do are left out. Where the model's own answers stand before later
    questions, what is asked again has later questions asked again, too.
    """
    answered = store.all_keys()
    if retry_errors:
        answered -= store.errors().keys()
    left = ((entry, [key for key in entry.keys if key not in answered]) for entry in benchmark.entries)
    todo = _suiting(benchmark, [(entry, keys) for entry, keys in left if keys], can)
    return _with_stale(benchmark, todo, answered, condition) if condition.history == "own" else todo


def _with_stale(
    benchmark: Benchmark, todo: Todo, answered: set[Key], condition: Condition
) -> list[tuple[Entry, list[Key]]]:
    """The work, with the answered rounds whose history changes by it."""
    grown = []
    for entry, keys in todo:
        again = set(keys)
        for chain in chains(benchmark, entry.video.id, condition.seed):
            again |= stale(chain, again.intersection(chain), condition.window) & answered
        grown.append((entry, [key for key in entry.keys if key in again]))
    return grown


def askable(benchmark: Benchmark, todo: Todo, adapter: Adapter) -> Todo:
    """What of `todo` the adapter can be asked: of one that takes no regions, the questions that have none."""
    return _suiting(benchmark, list(todo), adapter.can)


def _suiting(
    benchmark: Benchmark, todo: list[tuple[Entry, list[Key]]], can: Abilities
) -> list[tuple[Entry, list[Key]]]:
    if can.regions and not can.describes_only:  # nothing is looked at that need not be
        return todo
    suiting = (
        (entry, [question.key for question in _questions(benchmark, entry, keys) if can.suits(question)])
        for entry, keys in todo
    )
    return [(entry, keys) for entry, keys in suiting if keys]


def _questions(benchmark: Benchmark, entry: Entry, keys: Sequence[Key]) -> list[Question]:
    selected = set(keys)
    return [question for question in benchmark.questions(entry.video.id) if question.key in selected]


def run(
    benchmark: Benchmark,
    answerer: Adapter | Workers,
    store: Store,
    *,
    retry_errors: bool = False,
    progress: Progress | None = None,
    tick: Callable[[], None] = lambda: None,
    condition: Condition = ALONE,
) -> int:
    """Ask an adapter, or a model in several workers, every question that `store` has no answer to: how many they were.

    Each video is stored when its last question is answered; answers of workers as they come. An exception of the
    adapter becomes the error of that question, one in `open` that of all questions of the video, one in `predict_all`
    that of all questions that it was given and had not answered; the run goes on. Raises UserError where a frame is
    broken, a budget is spent, the store cannot be written, or `progress` raises it, having seen too many errors;
    KeyboardInterrupt passes. What was stored stays in either case. `tick` is called now and then.

    `condition` says which earlier turns are told with a question. Answers that a new answer makes stale are dropped
    before anything is asked, so that wherever the run is stopped, it holds no answer to a history that never was.
    """
    progress = progress or Silence()
    todo = open_questions(benchmark, store, retry_errors=retry_errors, can=answerer.can, condition=condition)
    store.arrange(benchmark.positions)
    histories = _histories(benchmark, store, todo, condition, answerer.can.regions)
    _begin(progress, benchmark, todo)
    if isinstance(answerer, Workers):
        _store_as_they_come(answerer, benchmark, todo, store, histories, progress, tick)
    else:
        for video, answers in ask(benchmark, answerer, todo, progress, histories):
            store.put(video, answers)
            progress.video_done()
    return sum(len(keys) for _, keys in todo)


def _histories(benchmark: Benchmark, store: Store, todo: Todo, condition: Condition, regions: bool) -> Histories:
    """What is told of earlier turns; of the model's own answers those that stay are noted, and the others dropped."""
    histories = Histories(benchmark, condition, regions)
    if histories.chained:
        store.drop(key for _, keys in todo for key in keys)
        for entry, _ in todo:
            for key, answer in store.predictions(entry.video.id).items():
                histories.note(entry.video.id, key, answer)
    return histories


def _store_as_they_come(
    workers: Workers,
    benchmark: Benchmark,
    todo: Todo,
    store: Store,
    histories: Histories,
    progress: Progress,
    tick: Callable[[], None],
) -> None:
    """Store what the workers answer; this is the only place that writes answers, whatever their number."""
    left = {entry.video.id: len(keys) for entry, keys in todo}
    with closing(workers.answers(benchmark, todo, progress, tick, histories)) as arriving:
        for answered in arriving:
            store.put_all(answered)
            for video, _, answer in answered:
                progress.question_done(answer.error)
                left[video] -= 1
                if not left[video]:
                    progress.video_done()


def ask(
    benchmark: Benchmark, adapter: Adapter, todo: Todo, progress: Progress, histories: Histories | None = None
) -> Iterator[tuple[str, list[Answer]]]:
    """Ask the questions of `todo`; each video with its answers when they are all there. Raises as `run` does.

    Without `histories` each is asked alone.
    """
    histories = histories or Histories(benchmark)
    if isinstance(adapter, BatchAdapter):
        return _together(benchmark, adapter, todo, progress, histories)
    return _one_by_one(benchmark, adapter, todo, progress, histories)


def _begin(progress: Progress, benchmark: Benchmark, todo: Todo) -> None:
    videos, questions = len(benchmark.entries), sum(len(entry.keys) for entry in benchmark.entries)
    left = sum(len(keys) for _, keys in todo)
    progress.begin(videos, questions, videos - len(todo), questions - left)


def _one_by_one(
    benchmark: Benchmark, adapter: Adapter, todo: Todo, progress: Progress, histories: Histories
) -> Iterator[tuple[str, list[Answer]]]:
    """Each video with the answers to its questions, asked while it is open."""
    with closing(ahead(entry.video for entry, _ in todo)) as videos:
        for (entry, keys), video in zip(todo, videos, strict=True):
            questions = histories.of(video.id, _questions(benchmark, entry, keys))
            answers: list[Answer] = []
            try:
                with revealing(benchmark, adapter, [video.id]):
                    for key, answer in ask_video(adapter, video, questions, progress):
                        questions.answered(key, answer)
                        answers.append((key, answer))
            except TooManyErrors:
                yield video.id, answers  # they are what it ends for
                raise
            histories.forget(video.id)
            yield video.id, answers


def _together(
    benchmark: Benchmark, adapter: BatchAdapter, todo: Todo, progress: Progress, histories: Histories
) -> Iterator[tuple[str, list[Answer]]]:
    """Each video with the answers to its questions, as soon as its last one is there."""
    for group in _groups(todo, adapter.at_once):
        videos = {
            entry.video.id: histories.of(entry.video.id, _questions(benchmark, entry, keys)) for entry, keys in group
        }
        answers: dict[str, list[Answer]] = {video: [] for video in videos}
        with revealing(benchmark, adapter, list(videos)):
            for wave in waves(list(videos.values()), chained=histories.chained):
                for video, answered in answered_together(adapter, wave, progress):
                    answers[video] += answered
                    for key, answer in answered:
                        videos[video].answered(key, answer)
                    if len(answers[video]) == len(videos[video]):
                        histories.forget(video)
                        yield video, answers.pop(video)


def _groups(todo: Todo, at_once: int) -> Iterator[Todo]:
    """Whole videos in order, so many together that they have at least `at_once` questions."""
    group: list[tuple[Entry, list[Key]]] = []
    for video_todo in todo:
        group.append(video_todo)
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
    """Open a video, ask its questions, close it: each key with its answer, or the error that it ended in.

    A question is taken out of `questions` when the one before is answered, and its answer was given out.
    """
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
