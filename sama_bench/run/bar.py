"""A progress bar on stderr, or in a notebook; where stderr is not a terminal there is none."""

from __future__ import annotations

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from sama_bench.console import Console
from sama_bench.run.notebook_bar import NotebookBar, notebook_display


class Rate(ProgressColumn):
    """Questions a second, or seconds a question where that is slower."""

    def render(self, task: Task) -> Text:
        """Empty until the first question is done."""
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(f"{speed:.1f} questions/s" if speed >= 1 else f"{1 / speed:.1f} s/question")


class Bar:
    """Shows how far a run is: questions and videos done, rate, time left. Use it as a context manager."""

    def __init__(self, what: str) -> None:
        self._console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} questions, {task.fields[videos]} videos"),
            Rate(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._what = what
        self._task = TaskID(0)
        self._videos = [0, 0]

    def __enter__(self) -> Bar:
        if not self._bar.disable:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if not self._bar.disable:  # older rich prints an empty line even then
            self._bar.stop()

    def begin(self, videos: int, questions: int, videos_done: int, questions_done: int) -> None:
        """Show the bar, filled as far as was done before."""
        self._videos = [videos_done, videos]
        self._task = self._bar.add_task(
            self._what, total=questions, completed=questions_done, videos=self._videos_done()
        )

    def question_done(self) -> None:
        """Move the bar."""
        self._bar.advance(self._task)

    def video_done(self) -> None:
        """Count the video."""
        self._videos[0] += 1
        self._bar.update(self._task, videos=self._videos_done())

    def warn(self, line: str) -> None:
        """Print a line above the bar."""
        self._console.print(f"warning: {line}", markup=False, highlight=False, soft_wrap=True)

    def _videos_done(self) -> str:
        return "/".join(map(str, self._videos))


def bar(what: str) -> Bar | NotebookBar:
    """The bar for where this process runs: a notebook, a terminal, or neither, where it only warns."""
    display = notebook_display()
    return Bar(what) if display is None else NotebookBar(what, display)
