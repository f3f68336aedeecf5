"""A run that ends where the model answers nothing any more but one kind of error."""

from __future__ import annotations

import re

from sama_bench.errors import UserError
from sama_bench.run.progress import Progress

KIND = re.compile(r"(?:(?:open|predict_all|unusable answer|grounder \S+): )?[\w.]+")


class TooManyErrors(UserError):
    """So many questions in a row ended in an error of one kind."""

    status = 1


class FailFast:
    """Progress that passes all on to another, and raises TooManyErrors after `most` errors of a kind in a row."""

    def __init__(self, progress: Progress, most: int) -> None:
        self._progress, self._most = progress, most
        self._kind, self._count = "", 0

    def begin(self, videos: int, questions: int, videos_done: int, questions_done: int) -> None:
        """Pass it on."""
        self._progress.begin(videos, questions, videos_done, questions_done)

    def question_done(self, error: str | None = None) -> None:
        """Pass it on, and count. Raises TooManyErrors."""
        self._progress.question_done(error)
        kind = "" if error is None else kind_of(error)
        self._kind, self._count = kind, (self._count + 1 if kind == self._kind else 1)
        if error is not None and self._count >= self._most:
            raise TooManyErrors(
                f"stopped after {self._count} errors of one kind in a row (--max-errors), the last: {error}; what was "
                "answered is kept: mend it, and give the same command again with --retry-errors"
            )

    def video_done(self) -> None:
        """Pass it on."""
        self._progress.video_done()

    def warn(self, line: str) -> None:
        """Pass it on."""
        self._progress.warn(line)


def kind_of(error: str) -> str:
    """What errors of one cause begin with: what was done, if not a question asked, and the exception's type."""
    match = KIND.match(error)
    return error if match is None else match[0]
