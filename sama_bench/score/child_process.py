"""A process of this Python that works for its parent: pickled messages over its standard input and output."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from typing import IO

BROKEN = (EOFError, OSError, pickle.UnpicklingError)
"""Raised by `ChildProcess.receive` and `write` where the process is gone."""
SERVE = "import sys; sys.path[:] = {path!r}; from {module} import serve; serve()"


class ChildProcess:
    """Runs the function `serve` of a module, with this process' paths; both sides of the pipes are our own code."""

    def __init__(self, module: str) -> None:
        command = [sys.executable, "-c", SERVE.format(path=sys.path, module=module)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603

    @property
    def pid(self) -> int:
        """The process' number."""
        return self._process.pid

    def write(self, message: bytes) -> None:
        """Send what is pickled already; it goes out with the next message."""
        assert self._process.stdin is not None
        self._process.stdin.write(message)

    def send(self, message: object) -> None:
        """Send an object."""
        assert self._process.stdin is not None
        put(self._process.stdin, message)

    def receive(self) -> object:
        """The next object that the process sent."""
        assert self._process.stdout is not None
        message: object = pickle.load(self._process.stdout)  # noqa: S301 (our own process wrote it)
        return message

    def status(self) -> int:
        """Wait for the process to end; its exit status."""
        return self._process.wait()

    def end(self) -> None:
        """Kill the process; nothing of it is left."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()


def pipes_of_parent() -> tuple[IO[bytes], IO[bytes]]:
    """In `serve`: the pipes for the parent's messages and for the answers; what else is printed goes to standard error.

    Ctrl-C reaches all processes; it is the parent that ends this one.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed here must not stand among the answers
    return requests, answers


def put(pipe: IO[bytes], message: object) -> None:
    """Write an object to a pipe, at once."""
    pickle.dump(message, pipe)
    pipe.flush()
