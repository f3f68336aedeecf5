"""Questions that a model is asked together, and its answers sorted into videos again."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from math import isfinite

from sama_bench.adapter import BatchAdapter
from sama_bench.errors import UserError
from sama_bench.run.predictions import FAILURES, StoredPrediction, failed, reason, validate
from sama_bench.run.progress import Progress
from sama_bench.types import Key, Prediction, Question


def answered_together(
    adapter: BatchAdapter, videos: Sequence[Sequence[Question]], progress: Progress
) -> Iterator[tuple[str, list[tuple[Key, StoredPrediction]]]]:
    """Ask the questions of some videos together; each video with its answers, once all of them are there.

    Every question gets an answer: an exception of the adapter is the error of all that it had not answered, and so
    is an end that comes too early. UserError (a budget that is spent, a broken frame) and KeyboardInterrupt pass;
    the answers to a video that is not complete are then lost to the run, so that a video is stored whole or not at all.
    """
    with closing(answers_in_order(adapter, [question for video in videos for question in video], progress)) as answers:
        for questions in videos:
            yield questions[0].video.id, [(question.key, next(answers)) for question in questions]
        next(answers, None)  # the adapter comes to its end, and tidies up, when all is stored


def answers_in_order(
    adapter: BatchAdapter, questions: Sequence[Question], progress: Progress
) -> Generator[StoredPrediction, None, None]:
    """Exactly one answer for each question, in order; errors become answers, as `answered_together` says."""
    count = 0
    try:
        with _closed(adapter.predict_all(questions)) as answers:
            for answer in answers:
                if count == len(questions):
                    progress.warn(f"predict_all() gave more than {count} answers; the others are left out")
                    return
                stored = validate(answer, questions[count].video, _seconds(answer))
                yield stored
                count += 1
                progress.question_done(stored.error)
        rest = StoredPrediction(
            "", error=f"unusable answer: predict_all gave {count} answers to {len(questions)} questions"
        )
    except UserError:
        raise
    except FAILURES as problem:
        if count == len(questions):
            progress.warn(f"predict_all() failed after its last answer ({reason(problem)}); its answers are kept")
        rest = failed(problem, during="predict_all")
    for _ in questions[count:]:
        yield rest
        progress.question_done(rest.error)


@contextmanager
def _closed(answers: Iterable[Prediction]) -> Iterator[Iterable[Prediction]]:
    """The answers; a generator of them is ended where nobody asks for the rest, so that it can tidy up."""
    try:
        yield answers
    finally:
        if isinstance(answers, Generator):
            answers.close()


def _seconds(answer: object) -> float | None:
    """What the answer itself says it took: of many together nobody else can know."""
    seconds: object = answer.seconds if isinstance(answer, Prediction) else None
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not isfinite(seconds):
        return None
    return float(seconds)
