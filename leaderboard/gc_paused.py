"""Python's search for cycles, put off."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles as long as this lasts, and leave the collector as it was.

    A report keeps millions of small objects until its end; looking through them again and again took a third of its
    time, and found next to nothing.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
