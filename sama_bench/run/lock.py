"""One writer at a time."""

from __future__ import annotations

import os
from pathlib import Path
from time import sleep

from sama_bench.errors import UserError
from sama_bench.files.locking import lock
from sama_bench.files.opening import open_member

TRIES, SECONDS_BETWEEN = 4, 0.05


class Lock:
    """Holds a lock file for this process; the system lets go of it when the process ends, however it ends.

    `works` is whether it keeps others out: on some file systems there are no locks, or everybody gets one.
    """

    works = True

    def __init__(self, path: Path, what: str) -> None:
        """Take the lock. Raises UserError where another process holds it, or the file cannot be made."""
        self._path = path
        try:
            # unbuffered: what a full disk does not take would be written again, and fail again, at the end
            self._file = open_member(path, write=True)
        except OSError as problem:
            raise UserError(f"{path}: cannot be written ({problem.strerror or problem})") from problem
        try:
            self._take(what)
        except BaseException:
            self._file.close()
            raise

    def _take(self, what: str) -> None:
        # somebody who looks whether it is held (`is_held`) holds it for a moment
        for again in range(TRIES):
            if self._is_free():
                break
            sleep(SECONDS_BETWEEN * (again < TRIES - 1))
        else:
            self._file.seek(0)
            holder = (self._file.read(20) or b"").decode("ascii", "replace").strip() or "unknown"
            raise UserError(f"{what}: another process is writing to this run (pid {holder}); wait for it or stop it")
        self.works = self.works and is_held(self._path)
        try:
            self._file.truncate(0)
            self._file.write(f"{os.getpid()}\n".encode())
        except OSError:
            pass  # the pid is only for the message above: a full disk is told where something is lost by it

    def release(self) -> None:
        """Let go; may be called again."""
        self._file.close()

    def _is_free(self) -> bool:
        try:
            return lock(self._file)
        except OSError:
            self.works = False  # a file system without locks: go on unguarded rather than not at all
            return True


def is_held(path: Path) -> bool:
    """Whether a process holds the lock file `path`, as far as can be known; False where it is not there."""
    try:
        with open_member(path) as file:
            return not lock(file, shared=True)
    except OSError:
        return False
