"""Temporary files and folders that are written beside their place, and those that killed processes left.

Both are called `.NAME.XXXXXXXX.part` and are locked while their process lives. So what nobody holds is a leftover.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sama_bench.files.locking import lock
from sama_bench.files.opening import open_member

PART = ".part"
LOCK = "lock"
# Version 0.1.0 wrote no `.part`; a digit tells its names from words such as `.report.md.original`.
NAMES = r"\.{}\.(?:[a-z0-9_]{{8}}\.part|(?=[a-z_]*[0-9])[a-z0-9_]{{8}})"


@contextmanager
def scratch(beside: Path) -> Iterator[Path]:
    """Give a folder beside `beside`, on the same disk, which goes with all that is in it when the block ends.

    It is empty but for the file `lock`.
    What killed processes left of such folders is removed first. Raises OSError.
    """
    sweep(beside)
    while True:
        folder = Path(tempfile.mkdtemp(dir=beside.parent, prefix=f".{beside.name}.", suffix=PART))
        try:
            lock_file = (folder / LOCK).open("xb")
            break
        except FileNotFoundError:
            continue  # another process took the empty folder for a leftover
    with lock_file:
        with suppress(OSError):  # a file system without locks
            lock(lock_file)
        try:
            yield folder
        finally:
            _clear(folder)
            if os.name == "nt":
                lock_file.close()
            _remove(folder)


@contextmanager
def temporary() -> Iterator[Path]:
    """Give an empty folder among the system's temporary files, as `scratch` does."""
    with scratch(Path(tempfile.gettempdir()) / "sama-bench") as folder:
        inner = folder / "files"
        inner.mkdir()
        yield inner


def sweep(path: Path, name: str | None = None) -> None:
    """Remove what killed processes left of writing `path`; files of living ones and of strangers stay.

    With `name`, a regular expression, the files of all such names in the folder of `path` are meant.
    """
    own_names = re.compile(NAMES.format(re.escape(path.name) if name is None else name))
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in [entry for entry in entries if own_names.fullmatch(entry.name)]:
            with suppress(OSError):
                _sweep(Path(entry.path), entry.stat(follow_symlinks=False))


def _sweep(part: Path, status: os.stat_result) -> None:
    if os.name != "nt" and status.st_uid != os.getuid():
        return
    if stat.S_ISREG(status.st_mode):
        with _held(part):
            part.unlink()
    elif stat.S_ISDIR(status.st_mode) and (part / LOCK).exists():
        with _held(part / LOCK):
            _clear(part)
            _remove(part)
    elif stat.S_ISDIR(status.st_mode):
        part.rmdir()  # fails where there is something in it


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold a leftover's lock; raises OSError where a living process does, or where there are no locks."""
    if os.name == "nt":
        path.unlink()  # Windows removes no file that is open anywhere
        yield
        return
    file: IO[bytes]
    with open_member(path) as file:
        if not lock(file):
            raise BlockingIOError
        yield


def _clear(folder: Path) -> None:
    """Remove all but the lock: it goes last, so that a sweep that is killed can be gone on with."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != LOCK:
            path.unlink(missing_ok=True)


def _remove(folder: Path) -> None:
    with suppress(OSError):
        (folder / LOCK).unlink(missing_ok=True)
        folder.rmdir()
