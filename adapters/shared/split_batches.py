"""Questions asked in batches, each of which is split where it fails."""

from __future__ import annotations

import traceback
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from time import perf_counter
from typing import TypeVar

from sama_bench.adapter import BatchAdapter
from sama_bench.errors import UserError
from sama_bench.types import Prediction, Question

Item = TypeVar("Item")
Result = TypeVar("Result")


class SplittingAdapter(BatchAdapter):
    """A model that is asked `at_once` questions together, and fewer where that many fail."""

    @abstractmethod
    def asked(self, questions: Sequence[Question]) -> list[Prediction]:
        """The answers to one batch, in order. Whatever goes wrong in it is raised."""

    def predict_all(self, questions: Sequence[Question]) -> Iterator[Prediction]:
        """Answer the questions, in order, `at_once` at a time.

        A batch that fails, for want of memory or otherwise, is halved until it does not; a question that fails alone
        has its error. Raises UserError where a frame cannot be read.
        """
        left = list(questions)
        while left:
            batch, left = left[: self.at_once], left[self.at_once :]
            yield from self._answered(batch)

    def _answered(self, questions: Sequence[Question]) -> list[Prediction]:
        try:
            return self._timed(questions)
        except UserError:
            raise
        except Exception as problem:
            if len(questions) == 1:
                return [_failed(problem)]
            if memory_is_short(problem):
                self.at_once = min(self.at_once, max(1, len(questions) // 2))
        # outside of the handler: the exception held what was in memory
        half = len(questions) // 2
        return [*self._answered(questions[:half]), *self._answered(questions[half:])]

    def _timed(self, questions: Sequence[Question]) -> list[Prediction]:
        """The answers of one batch, each said to have taken its share of the time."""
        started = perf_counter()
        answers = self.asked(questions)
        return [replace(prediction, seconds=(perf_counter() - started) / len(questions)) for prediction in answers]


def _failed(problem: Exception) -> Prediction:
    trace = "".join(traceback.format_exception(problem))
    return Prediction("", error=f"{type(problem).__name__}: {problem}", traceback=trace)


def memory_is_short(problem: Exception) -> bool:
    """True if the device or the machine had no room; PyTorch has no type of its own for the latter."""
    return (
        type(problem).__name__ == "OutOfMemoryError"
        or isinstance(problem, MemoryError)
        or (isinstance(problem, RuntimeError) and "allocate memory" in str(problem))
    )


def in_parts(work: Callable[[Sequence[Item]], Sequence[Result]], items: Sequence[Item], at_once: int) -> list[Result]:
    """The results of `work` for all items, at most `at_once` of them together; half as many where memory is short."""
    done: list[Result] = []
    while len(done) < len(items):
        part = items[len(done) : len(done) + at_once]
        try:
            done += work(part)
            continue
        except Exception as problem:
            if len(part) == 1 or not memory_is_short(problem):
                raise
        # outside of the handler: the exception held what was in memory
        at_once = len(part) // 2
    return done
