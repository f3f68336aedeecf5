"""Opening files whose end is sure to come, and files that a stranger may have put there."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import IO


def open_regular(path: Path) -> IO[bytes]:
    """Open a file for reading its bytes.

    Raises OSError, also where `path` is a folder, or a pipe or device: those may never end, or never begin.
    """
    return _open_named(path, os.O_RDONLY)


def open_member(path: Path, *, write: bool = False) -> IO[bytes]:
    """Open a file of a folder that may come from a stranger, for reading its bytes; with `write`, made where absent.

    Raises OSError as `open_regular` does, and where the file is a link: it could be any other file of the user's.
    With `write` the file is unbuffered, and may have no second name (a hard link), either.
    """
    if path.is_symlink():  # for Windows, which has no O_NOFOLLOW, and for the message
        raise OSError(errno.ELOOP, "it is a link, expected a file", str(path))
    nofollow = getattr(os, "O_NOFOLLOW", 0)
    if not write:
        return _open_named(path, os.O_RDONLY | nofollow)
    descriptor = _opened(path, os.O_RDWR | os.O_CREAT | nofollow)
    if os.fstat(descriptor).st_nlink > 1:
        os.close(descriptor)
        raise OSError(errno.EMLINK, "it is a link to another file, expected a file", str(path))
    return os.fdopen(descriptor, "rb+", buffering=0)


def _open_named(path: Path, flags: int) -> IO[bytes]:
    """A file for reading that knows its name, as some readers want it."""
    return open(os.fspath(path), "rb", opener=lambda *_: _opened(path, flags))


def _opened(path: Path, flags: int) -> int:
    """The descriptor of a plain file, opened so that a pipe in its place does not block."""
    _check(path.stat().st_mode if path.exists() else stat.S_IFREG, path)  # a device may do something when opened
    more = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags | more, 0o666)
    try:
        _check(os.fstat(descriptor).st_mode, path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _check(mode: int, path: Path) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, expected a file", str(path))
