"""Files and folders that are there whole or not at all."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sama_bench.files.locking import lock
from sama_bench.files.temporary import PART, sweep

TRIES = 5
HERE, EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Give a file whose content takes the place of `path` where the block ends without an exception.

    It can be read, too, before it takes that place. A reader, a crash or a full disk never leaves a part of it; what
    killed processes left of writing the same file is removed first. A device or pipe is written to directly, a symbolic
    link stays one. Raises OSError.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("wb") as device:
            yield device
        return
    sweep(path)
    file, part = _begun(path)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            part.chmod(0o666 & ~_umask())
            if os.name != "nt":  # the lock is held until the file has its name, so that nobody sweeps it away
                part.replace(path)
        if os.name == "nt":
            part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _begun(path: Path) -> tuple[IO[bytes], Path]:
    """A new file beside `path`, locked as long as it is open: by that others know that its writer is alive."""
    for _ in range(TRIES):
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PART)
        part: IO[bytes] = os.fdopen(descriptor, "w+b")
        with suppress(OSError):  # a file system without locks
            lock(part)
        if os.path.lexists(name):  # else another process swept it away before it was locked
            return part, Path(name)
        part.close()
    raise FileNotFoundError(f"{path.parent}: a new file is removed by another process again and again")


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file as `replacing` does. Raises OSError."""
    with replacing(path) as file:
        file.write(content)


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 text as `write_bytes` does; half a surrogate pair, of a file's name that is not UTF-8, is escaped."""
    write_bytes(path, content.encode(errors="backslashreplace"))


def exchange(fresh: Path, place: Path) -> None:
    """Put the folder `fresh` to `place` on the same disk; what lies there goes to where `fresh` was.

    Linux does this at once. Elsewhere, and on file systems that cannot, there is nothing at `place` for a moment.
    Raises OSError; what was at `place` is there then.
    """
    if not place.exists():
        fresh.rename(place)
    elif not _at_once(fresh, place):
        aside = fresh.with_name(f"{fresh.name}.old")
        place.rename(aside)
        try:
            fresh.rename(place)
        except OSError:
            aside.rename(place)
            raise
        aside.rename(fresh)


def _at_once(first: Path, other: Path) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    call = getattr(ctypes.CDLL(None), "renameat2", None)  # absent in C libraries from before 2018
    return call is not None and call(HERE, os.fsencode(first), HERE, os.fsencode(other), EXCHANGE) == 0


def _umask() -> int:
    # The only way to ask is to set it; mkstemp's own mode would lock everybody else out.
    mask = os.umask(0)
    os.umask(mask)
    return mask
