"""A progress bar on stderr, or in a notebook; where stderr is not a terminal, a line a minute."""

from __future__ import annotations

from time import monotonic, strftime

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
        return Text(rate_told(speed))


def rate_told(speed: float) -> str:
    """So many questions a second, or seconds a question where that is slower than one."""
    return f"{speed:.1f} questions/s" if speed >= 1 else f"{1 / speed:.1f} s/question"


def time_told(seconds: float) -> str:
    """A time in the two largest units that it has: 2 d 3 h, 4 min 10 s."""
    left = round(seconds)
    parts: list[str] = []
    for name, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or parts or name == "s":
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])


MINUTE = 60.0


class Bar:
    """Shows how far a run is: questions and videos done, rate, time left, errors. Use it as a context manager."""

    def __init__(self, what: str) -> None:
        self._console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} questions, {task.fields[videos]} videos"),
            TextColumn("{task.fields[errors]}"),
            Rate(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._what = what
        self._task = TaskID(0)
        self._videos = [0, 0]
        self._questions = [0, 0, 0]
        self._errors = 0
        self._began = self._told_at = monotonic()

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
        self._began = self._told_at = monotonic()
        self._questions = [questions_done, questions, questions_done]
        self._task = self._bar.add_task(
            self._what, total=questions, completed=questions_done, videos=self._videos_done(), errors=""
        )

    def question_done(self, error: str | None = None) -> None:
        """Move the bar; without one, tell each minute how far it is."""
        self._questions[0] += 1
        self._errors += error is not None
        if not self._bar.disable:
            self._bar.advance(self._task)
            if error is not None:
                self._bar.update(self._task, errors=self._errors_text().removeprefix(", "))
        elif monotonic() - self._told_at >= MINUTE:
            self._told_at = monotonic()
            self._console.print(self._line(), markup=False, highlight=False, soft_wrap=True)

    def video_done(self) -> None:
        """Count the video."""
        self._videos[0] += 1
        self._bar.update(self._task, videos=self._videos_done())

    def warn(self, line: str) -> None:
        """Print a line above the bar."""
        self._console.print(f"warning: {line}", markup=False, highlight=False, soft_wrap=True)

    def _line(self) -> str:
        """How far it is, for a log: time, what is done, rate, time left, errors."""
        done, questions, before = self._questions
        rate = (done - before) / max(monotonic() - self._began, 1e-9)
        return (
            f"{strftime('%H:%M:%S')} {self._what}: {done}/{questions} questions, {self._videos_done()} videos, "
            f"{rate_told(rate)}, {time_told((questions - done) / rate)} left{self._errors_text()}"
        )

    def _errors_text(self) -> str:
        return f", {self._errors} {'error' if self._errors == 1 else 'errors'}" if self._errors else ""

    def _videos_done(self) -> str:
        return "/".join(map(str, self._videos))


def bar(what: str) -> Bar | NotebookBar:
    """The bar for where this process runs: a notebook, a terminal, or neither, where it only warns."""
    display = notebook_display()
    return Bar(what) if display is None else NotebookBar(what, display)
