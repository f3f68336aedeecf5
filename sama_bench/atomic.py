"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sama_bench.errors import UserError

PARTS = ".*.part"
"""What the unfinished files of a killed process are called; whoever holds a folder alone may remove them."""


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """Give a UTF-8 text file whose content takes the place of `path` when the block ends without an exception.

    Until then, and after an exception, what stood at `path` stays as it was. A device or pipe is written to
    directly. Raises UserError where the file cannot be written (no such folder, no permission, disk full).
    """
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            with target.open("w", encoding="utf-8") as file:
                yield file
        else:
            yield from _through_part(target)
    except OSError as problem:
        raise UserError(f"{path}: cannot be written ({problem.strerror or problem})") from problem


def _through_part(target: Path) -> Iterator[IO[str]]:
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Put `text` at `path`, whole or not at all; raises UserError as `replacing` does."""
    with replacing(path) as file:
        file.write(text)
