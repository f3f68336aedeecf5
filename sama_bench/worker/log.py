"""The file that takes what a worker prints."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

from sama_bench.errors import UserError

READ = 64 << 10
WIDTH = 300


class Log:
    """What one worker prints, at the end of the file `path`, after a line that says when it was started."""

    def __init__(self, path: Path, what: str) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.file = path.open("ab")
            self.file.write(f"--- {datetime.now(timezone.utc).isoformat(timespec='seconds')} {what}\n".encode())
            self.file.flush()
            self._begin = os.fstat(self.file.fileno()).st_size
        except OSError as problem:
            raise UserError(f"{path}: this log cannot be written ({problem.strerror or problem})") from problem

    def last(self, count: int) -> list[str]:
        """The last lines with something in them, of this worker alone, each cut at 300 characters."""
        try:
            with self.path.open("rb") as file:
                end = file.seek(0, os.SEEK_END)
                file.seek(max(self._begin, end - READ))
                text = file.read(READ).decode("utf-8", "replace")
        except OSError:
            return []
        printable = (
            "".join(character if character.isprintable() else " " for character in line).rstrip()
            for line in text.splitlines()
        )
        return [line[:WIDTH] for line in printable if line][-count:]

    def tail(self, count: int = 3) -> str:
        """The last lines as the end of a sentence."""
        lines = [" ".join(line.split()) for line in self.last(count)]
        return (
            f"last lines of its log {self.path}: {' | '.join(lines)}" if lines else f"its log {self.path} says nothing"
        )
