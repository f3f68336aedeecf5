"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Give a file whose content takes the place of `path` where the block ends without an exception.

    A reader, a crash or a full disk never leaves a part of it. A device or pipe is written to directly, a symbolic
    link stays one. Raises OSError.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file as `replacing` does. Raises OSError."""
    with replacing(path) as file:
        file.write(content)


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 text as `write_bytes` does; half a surrogate pair, of a file's name that is not UTF-8, is escaped."""
    write_bytes(path, content.encode(errors="backslashreplace"))


def _umask() -> int:
    # The only way to ask is to set it; mkstemp's own mode would lock everybody else out.
    mask = os.umask(0)
    os.umask(mask)
    return mask
