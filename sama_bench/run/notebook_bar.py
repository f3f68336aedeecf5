"""A progress bar in a notebook."""

from __future__ import annotations

from html import escape
from time import monotonic
from typing import Protocol

SECONDS_BETWEEN = 0.2


class Display(Protocol):
    """A place of a notebook's output that can be written again, as IPython's `DisplayHandle` is."""

    def update(self, obj: object) -> None:
        """Show this in the place of what is there."""


class Html:
    """HTML as a notebook shows it."""

    def __init__(self, content: str) -> None:
        self.content = content

    def _repr_html_(self) -> str:
        return self.content


class NotebookBar:
    """Shows in a notebook how far a run is; it goes on in one place of the output. Use it as a context manager."""

    def __init__(self, what: str, display: Display) -> None:
        self._what, self._display = what, display
        self._questions, self._videos = [0, 0], [0, 0]
        self._errors = 0
        self._warnings: list[str] = []
        self._shown_at = float("-inf")

    def __enter__(self) -> NotebookBar:
        return self

    def __exit__(self, *_: object) -> None:
        self._show()

    def begin(self, videos: int, questions: int, videos_done: int, questions_done: int) -> None:
        """Show the bar, filled as far as was done before."""
        self._videos, self._questions = [videos_done, videos], [questions_done, questions]
        self._show()

    def question_done(self, error: str | None = None) -> None:
        """Move the bar, at most five times a second."""
        self._questions[0] += 1
        self._errors += error is not None
        if monotonic() - self._shown_at >= SECONDS_BETWEEN:
            self._show()

    def video_done(self) -> None:
        """Count the video."""
        self._videos[0] += 1

    def warn(self, line: str) -> None:
        """Show a line below the bar."""
        self._warnings.append(line)
        self._show()

    def _show(self) -> None:
        self._shown_at = monotonic()
        done, questions = self._questions
        videos = "/".join(map(str, self._videos))
        bar = f'<progress value="{done}" max="{max(questions, 1)}"></progress>'
        warnings = "".join(f"<div>warning: {escape(line)}</div>" for line in self._warnings)
        errors = f", {self._errors} errors" if self._errors else ""
        text = f"{escape(self._what)} {bar} {done}/{questions} questions, {videos} videos{errors}{warnings}"
        self._display.update(Html(text))


def notebook_display() -> Display | None:
    """A new place in the output of the notebook that this process is the kernel of; None outside of notebooks."""
    from sama_bench.console import Console

    if not Console(stderr=True).is_jupyter:
        return None
    from IPython.display import display

    place: Display | None = display(Html(""), display_id=True)
    return place
