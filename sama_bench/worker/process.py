"""One worker process: started, greeted, asked, and ended with all that it started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import monotonic, sleep
from typing import Any

from sama_bench import __version__
from sama_bench.errors import UserError
from sama_bench.worker import PROTOCOL
from sama_bench.worker.framing import Block, Channel, Garbled, Gone, Late, Message
from sama_bench.worker.interpreter import installing
from sama_bench.worker.log import Log

START_SECONDS = 120.0
"""For the interpreter to come up and to import what it needs, from a cold disk."""
END_SECONDS = 10.0
STACK_SECONDS = 0.3
BUFFER = 4 << 20
Listener = Callable[[Message], "tuple[str, dict[str, Any], Sequence[Block]] | None"]


class Death(Exception):
    """The worker ended, or had to be killed; the message says how."""


class Process:
    """A worker of the interpreter `python`; raises UserError where it does not come up as one.

    It has this process's environment variables, and those of `environment`.
    """

    def __init__(self, python: str, log: Log, environment: Mapping[str, str] | None = None) -> None:
        self.log = log
        self.python = python
        ours, its = socket.socketpair()
        for end in (ours, its):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        self._channel = Channel(ours)
        try:
            with its, log.file:
                self._process = _spawn(python, its, log, environment or {})
        except BaseException:
            self._channel.close()
            raise
        self._at_end = weakref.finalize(self, _end, self._process, self._channel)
        try:
            self._greet()
        except BaseException:
            self.kill()
            raise

    @property
    def alive(self) -> bool:
        """Whether it can still be asked, as far as is known."""
        return not self.killed and self._process.poll() is None

    @property
    def killed(self) -> bool:
        """Whether this side has ended it, or knows that it ended."""
        return not self._at_end.alive

    def ask(
        self, kind: str, body: dict[str, Any], blocks: Sequence[Block], limit: float, listener: Listener
    ) -> Message:
        """Send a request and wait `limit` seconds for what is said at its end.

        What the worker says on the way goes to `listener`, and what that gives goes back. Raises Death where there
        is no answer; the process is then gone. So it is where anything else is raised, as the two are out of step.
        """
        until = monotonic() + limit
        try:
            self._channel.send(kind, body, blocks, until)
            while True:
                message = self._channel.receive(until)
                if message.kind in {"done", "made", "answer", "failed"}:
                    return message
                reply = listener(message)
                if reply is not None:
                    self._channel.send(*reply, until)
        except Gone:
            raise Death(self.how_it_ended()) from None
        except Late:
            self._show_stacks()
            self.kill()
            raise Death(f"no answer within {limit:g} s, so it was killed") from None
        except Garbled as problem:
            self.kill()
            raise Death(f"{problem}, so it was killed") from problem
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """End it and all that it started, now."""
        if self._at_end.detach():
            _kill(self._process, self._channel)

    def end(self) -> None:
        """Let it end by itself, a few seconds long; then kill what is left."""
        self._at_end()

    def _greet(self) -> None:
        try:
            hello = self._channel.receive(monotonic() + START_SECONDS)
        except Gone:
            raise self._no_worker(self.how_it_ended()) from None
        except (Late, Garbled) as problem:
            why = str(problem) or f"it did not answer within {START_SECONDS:g} s"
            raise UserError(f"{self.python}: does not start as a worker: {why}; {self.log.tail()}") from problem
        self._check(hello)

    def _no_worker(self, how: str) -> UserError:
        if any("No module named" in line and "sama_bench" in line for line in self.log.last(3)):
            return UserError(f"{self.python}: sama-bench is not installed there: {installing(self.python)}")
        return UserError(f"{self.python}: does not start as a worker ({how}); {self.log.tail()}")

    def _check(self, hello: Message) -> None:
        body = hello.body
        its = f"{body.get('package')} (worker protocol {body.get('protocol')})"
        ours = f"{__version__} (worker protocol {PROTOCOL})"
        if hello.kind != "hello" or its != ours:
            raise UserError(
                f"{self.python}: has sama-bench {its}, here is {ours}; they must be the same: {installing(self.python)}"
            )
        if not body.get("installed"):
            raise UserError(f"{self.python}: sama-bench is not installed there: {installing(self.python)}")
        missing = body.get("missing")
        if isinstance(missing, list) and missing:
            names = [str(name) for name in missing]
            raise UserError(
                f"{self.python}: the worker needs {', '.join(names)} there: {installing(self.python, names)}"
            )
        self.version = str(body.get("python"))

    def how_it_ended(self) -> str:
        """Wait for the end of one that is ending; gives its reason."""
        try:
            status = self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return "it closed its connection, so it was killed"
        self.kill()
        if status >= 0:
            return f"it ended with status {status}"
        with suppress(ValueError):
            named = signal.Signals(-status).name
            hint = ", as when memory runs out" if -status == signal.SIGKILL else ""
            return f"killed by signal {-status} ({named}{hint})"
        return f"killed by signal {-status}"

    def _show_stacks(self) -> None:
        """Have it write to its log where it hangs."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGUSR1)
            sleep(STACK_SECONDS)


def _spawn(python: str, its: socket.socket, log: Log, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    command = [python, "-m", "sama_bench.worker", str(its.fileno())]
    try:
        return subprocess.Popen(  # noqa: S603 - it is what the user named
            command,
            stdin=subprocess.PIPE,  # its end tells the guard that this process is gone, or wants it gone
            stdout=log.file,
            stderr=log.file,
            pass_fds=[its.fileno()],
            env={**os.environ, **environment},
            start_new_session=True,  # Ctrl-C comes to this process alone
        )
    except OSError as problem:
        raise UserError(f"{python}: cannot be run ({problem.strerror or problem}); expected a Python") from problem


def _end(process: subprocess.Popen[bytes], channel: Channel) -> None:
    channel.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    _kill(process, channel)


def _kill(process: subprocess.Popen[bytes], channel: Channel) -> None:
    assert process.stdin is not None
    channel.close()
    process.stdin.close()
    with suppress(subprocess.TimeoutExpired):  # where the guard is stopped, or the kernel holds a process
        process.wait(END_SECONDS)
    if process.returncode is None or process.returncode == -signal.SIGKILL:  # or somebody killed the guard
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
