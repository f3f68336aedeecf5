"""A progress bar on stderr, or in a notebook; where stderr is not a terminal, a line a minute."""

from __future__ import annotations

from time import monotonic, strftime

from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Column

from sama_bench.console import Console
from sama_bench.run import model_output
from sama_bench.run.notebook_bar import NotebookBar, notebook_display


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


WIDE = 100  # columns of a terminal on which there is room for words


class Bar:
    """Shows how far a run is: questions and videos done, rate, time left, errors. Use it as a context manager.

    On a terminal it is one line, however narrow that is. When all is done and work still goes on it says so; at its end
    a line with the time that it took takes its place.
    """

    def __init__(self, what: str) -> None:
        self._console = Console(file=model_output.terminal())
        keeps_above = not model_output.is_kept_apart()  # else what the model prints is no text for the terminal
        self._bar = Progress(
            _column("{task.description}"),
            BarColumn(bar_width=30 if self._console.width >= WIDE else 12),
            _column("{task.fields[done]}"),
            _column("{task.fields[errors]}"),
            console=self._console,
            disable=not self._console.is_terminal,
            redirect_stdout=keeps_above,
            redirect_stderr=keeps_above,
            transient=True,
        )
        self._what = what
        self._task: TaskID | None = None
        self._videos = [0, 0]
        self._questions = [0, 0, 0]
        self._errors = 0
        self._began = self._told_at = monotonic()

    def __enter__(self) -> Bar:
        if not self._bar.disable:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._bar.disable:  # older rich prints an empty line even then
            return
        self._bar.stop()
        done, questions, before = self._questions
        if self._task is not None and done > before:
            stopped = "" if kind is None else "stopped at "
            took = f"{time_told(monotonic() - self._began)}{self._errors_text()}"
            self._print(f"{self._what}: {stopped}{done}/{questions} questions, {self._videos_done()} videos in {took}")

    def begin(self, videos: int, questions: int, videos_done: int, questions_done: int) -> None:
        """Show the bar, filled as far as was done before."""
        self._videos = [videos_done, videos]
        self._began = self._told_at = monotonic()
        self._questions = [questions_done, questions, questions_done]
        self._task = self._bar.add_task(
            self._what, total=questions, completed=questions_done, done=self._done(), errors=""
        )

    def question_done(self, error: str | None = None) -> None:
        """Move the bar; without one, tell each minute how far it is."""
        self._questions[0] += 1
        self._errors += error is not None
        if not self._bar.disable:
            self._move()
        elif monotonic() - self._told_at >= MINUTE:
            self._told_at = monotonic()
            self._print(self._line())

    def video_done(self) -> None:
        """Count the video."""
        self._videos[0] += 1
        self._move()

    def _move(self) -> None:
        """Bring the bar up to date; full, it would look like the end while work goes on."""
        if self._task is None:
            return
        done, questions, _ = self._questions
        errors = self._errors_text().removeprefix(", ")
        self._bar.update(self._task, completed=done, done=self._done(), errors=errors)
        if done >= questions:
            self._bar.update(self._task, total=None, description=f"{self._what}, finishing")
            self._bar.tasks[0].total = None  # what moves to and fro; update() takes None for no change

    def _done(self) -> str:
        """Questions, videos, rate and time left, in as many words as there is room for."""
        done, questions, before = self._questions
        wide = self._console.width >= WIDE
        parts = [f"{done}/{questions}{' questions' * wide}", f"{self._videos_done()} videos"][: 2 if wide else 1]
        seconds = monotonic() - self._began
        if before < done < questions and seconds > 0:
            rate = (done - before) / seconds
            parts += [rate_told(rate)] * wide + [f"{time_told((questions - done) / rate)} left"]
        return ", ".join(parts)

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def warn(self, line: str) -> None:
        """Print a line above the bar."""
        self._print(f"warning: {line}")

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


def _column(text: str) -> TextColumn:
    return TextColumn(text, markup=False, table_column=Column(no_wrap=True))


def bar(what: str) -> Bar | NotebookBar:
    """The bar for where this process runs: a notebook, a terminal, or neither, where it only warns."""
    display = notebook_display()
    return Bar(what) if display is None else NotebookBar(what, display)
