"""Counts of what a process has open, to see whether they grow."""

from __future__ import annotations

import gc
import os
import threading
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

DESCRIPTORS = (Path("/proc/self/fd"), Path("/dev/fd"))


class Open(NamedTuple):
    """The number of open files (with pipes and sockets; 0 where the system does not tell) and of threads."""

    files: int
    threads: int


def now() -> Open:
    """Count them, after what is not used any more was let go."""
    gc.collect()
    folder = next((descriptors for descriptors in DESCRIPTORS if descriptors.is_dir()), None)
    return Open(len(os.listdir(folder)) if folder else 0, threading.active_count())  # noqa: PTH208 - counts the same


def growing(counts: list[Open]) -> list[str]:
    """The counts that grew each time, with their growth; what is made once and kept does not count."""
    return [
        f"{' → '.join(str(count[n]) for count in counts)} open {field}"
        for n, field in enumerate(Open._fields)
        if all(later[n] > earlier[n] for earlier, later in pairwise(counts))
    ]
