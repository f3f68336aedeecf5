"""Ctrl-C while foreign code runs."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN_AFTER = 2.0  # seconds


@contextmanager
def insistent() -> Iterator[None]:
    """While the context is open, an interrupt that foreign code swallows is raised again, every two seconds.

    Python ignores what is raised in the callback of a weak reference and in `__del__`, and loaders of data sets catch
    whatever comes. Without this a command would go on for hours after Ctrl-C. Outside the main thread, where no
    interrupt arrives, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupts: list[int] = []  # no Event: a second interrupt while one is set would wait for itself
    left = threading.Event()

    def note_and_raise(number: int, _frame: FrameType | None) -> None:
        interrupts.append(number)
        raise KeyboardInterrupt

    def insist() -> None:
        while not left.wait(AGAIN_AFTER):
            if interrupts:
                _thread.interrupt_main()

    before = signal.signal(signal.SIGINT, note_and_raise)
    watch = threading.Thread(target=insist, name="insistent interrupt", daemon=True)
    watch.start()
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        left.set()
        watch.join()
        signal.signal(signal.SIGINT, before)
