"""What a model's code prints, kept apart from what a command prints: it goes to the log in the run's folder.

That is all output of this process while the model's code runs: of Python, and of libraries in C, which write to the
file descriptors. Who asks a model by its name wants that (`kept_apart`); code that a caller hands over is left alone.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, TextIO, cast

OUT, ERR = 1, 2


class _Output:
    """Where output goes while the model's code runs: first to a file without a name, then to the run's log."""

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as handlers may write to it
        self.path: Path | None = None
        self.stream: TextIO = io.TextIOWrapper(
            cast("io.BufferedWriter", _Raw(self)), "utf-8", "backslashreplace", write_through=True
        )
        self.terminal: TextIO | None = None

    def move_to(self, path: Path) -> None:
        """Go on in the file at `path`, with what was printed before."""
        if self.path == path:
            return
        with suppress(OSError):  # a log that cannot be written costs no answer
            log = path.open("ab")
            self._begin = log.tell()
            log.write(f"--- {datetime.now(timezone.utc).isoformat(timespec='seconds')} this process\n".encode())
            self._empty = log.tell()
            self.file.seek(0)
            shutil.copyfileobj(self.file, log)
            log.flush()
            self.file.close()
            self.file, self.path = log, path
            if self.terminal is not None:
                for number in (OUT, ERR):
                    os.dup2(log.fileno(), number)

    def end(self) -> None:
        """Leave no log where nothing was printed. A handler that the model leaves behind writes to nothing then."""
        with suppress(OSError), self.file:
            self.file.flush()
            if self.path is not None and os.fstat(self.file.fileno()).st_size == self._empty:
                os.truncate(self.path, self._begin)
                if not self._begin:
                    self.path.unlink()


class _Raw(io.RawIOBase):
    """Writes to wherever output goes by now: a handler of `logging` keeps the stream that it was made with."""

    def __init__(self, output: _Output) -> None:
        self._output = output

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: object) -> int:
        """Write to the file of now."""
        content = bytes(memoryview(data))  # type: ignore[arg-type]  # what a text stream gives
        with suppress(OSError, ValueError):
            os.write(self._output.file.fileno(), content)
        return len(content)


_kept: _Output | None = None


@contextmanager
def kept_apart() -> Iterator[None]:
    """While this lasts, what is printed within `of_the_model` goes to the run's log."""
    global _kept  # noqa: PLW0603 - a process has one standard output
    before, _kept = _kept, _Output()
    try:
        yield
    finally:
        _kept.end()
        _kept = before


def log_to(path: Path) -> None:
    """Keep the model's output in the file at `path` from now on, what it printed by now at its beginning."""
    if _kept is not None:
        _kept.move_to(path)


@contextmanager
def of_the_model() -> Iterator[None]:
    """The block runs the model's code: its output is kept apart, where a command wants that."""
    output = _kept
    if output is None or output.terminal is not None:
        yield
        return
    before = sys.stdout, sys.stderr
    for stream in before:
        stream.flush()
    descriptors = [os.dup(number) for number in (OUT, ERR)]
    output.terminal = _on(descriptors[1], before[1])
    try:
        sys.stdout = sys.stderr = output.stream
        for number in (OUT, ERR):
            os.dup2(output.file.fileno(), number)
        yield
    finally:
        sys.stdout.flush()
        for saved, number in zip(descriptors, (OUT, ERR), strict=True):
            os.dup2(saved, number)
        sys.stdout, sys.stderr = before
        output.terminal = None
        for saved in descriptors:
            os.close(saved)


def _on(descriptor: int, stream: TextIO) -> TextIO:
    """A stream that prints on the descriptor as `stream` does; that itself where it is no such thing."""
    try:
        if stream.fileno() != ERR:
            return stream
    except (OSError, ValueError, AttributeError):
        return stream
    file = open(  # noqa: SIM115 - closed with its descriptor
        descriptor, "w", encoding=stream.encoding, errors=stream.errors, buffering=1, closefd=False
    )
    return stream.on(file) if hasattr(stream, "on") else file


@contextmanager
def on_stderr() -> Iterator[None]:
    """The block runs a model's code that has no log: what it prints goes to stderr, so that stdout is ours alone."""
    sys.stdout.flush()
    with os.fdopen(os.dup(OUT), "wb") as before, redirect_stdout(sys.stderr):
        os.dup2(ERR, OUT)
        try:
            yield
        finally:
            sys.stdout.flush()
            os.dup2(before.fileno(), OUT)


def is_kept_apart() -> bool:
    """Whether a command wants the model's output in a log."""
    return _kept is not None


def terminal() -> TextIO:
    """Standard error as it was before the model's code ran: for bars, warnings and other words of ours."""
    if _kept is not None and _kept.terminal is not None:
        return _kept.terminal
    return sys.stderr


def tell(line: str) -> None:
    """Print a line of ours on standard error, whosever code runs."""
    print(line, file=terminal(), flush=True)
