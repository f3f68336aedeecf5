"""What the runner tells while it works."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Is told how far a run is."""

    def begin(self, videos: int, questions: int, videos_done: int, questions_done: int) -> None:
        """Told once: how much there is in all, and how much of it was done before."""

    def question_done(self, error: str | None = None) -> None:
        """One more question has an answer, or ended in an error."""

    def video_done(self) -> None:
        """One more video is stored."""

    def warn(self, line: str) -> None:
        """Something went wrong that costs no answer."""


class Silence:
    """Progress that nobody looks at."""

    def begin(self, videos: int, questions: int, videos_done: int, questions_done: int) -> None:
        """Say nothing."""

    def question_done(self, error: str | None = None) -> None:
        """Say nothing."""

    def video_done(self) -> None:
        """Say nothing."""

    def warn(self, line: str) -> None:
        """Say nothing."""
