"""One folder in place of another."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

HERE, EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


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


def _at_once(one: Path, other: Path) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    call = getattr(ctypes.CDLL(None), "renameat2", None)  # absent in C libraries from before 2018
    return call is not None and call(HERE, os.fsencode(one), HERE, os.fsencode(other), EXCHANGE) == 0
