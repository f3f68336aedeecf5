"""One writer at a time."""

from __future__ import annotations

import os
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.files.locking import lock
from sama_bench.files.opening import open_member


class Lock:
    """Holds a lock file for this process; the system lets go of it when the process ends, however it ends."""

    def __init__(self, path: Path, what: str) -> None:
        """Take the lock. Raises UserError where another process holds it, or the file cannot be made."""
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
        if not self._is_free():
            self._file.seek(0)
            holder = (self._file.read(20) or b"").decode("ascii", "replace").strip() or "unknown"
            raise UserError(f"{what}: another process is writing to this run (pid {holder}); wait for it or stop it")
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
            return True  # a file system without locks: go on unguarded rather than not at all
