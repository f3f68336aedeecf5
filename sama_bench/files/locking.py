"""Locks on open files: the system lets go of one when its process ends, however it ends.

Ours and not filelock's: that one opens a lock file of its own by name. Here the file that is being written is itself
what is locked, until it has its name; and files of strangers are opened without following a link (`open_member`).
"""

from __future__ import annotations

import sys
from typing import IO

if sys.platform != "win32":
    import fcntl


def lock(file: IO[bytes], *, wait: bool = False, shared: bool = False) -> bool:
    """Lock an open file for this process; False where another process holds it, and `wait` is not set.

    A `shared` lock keeps out only those that are not shared.

    Raises OSError where the file system has no locks. Windows has no such locks: there the answer is always True.
    """
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True
