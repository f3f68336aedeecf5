"""An interrupt that foreign code swallows is raised again."""

import signal
import threading
import time

import pytest

from sama_bench.lmms.general import interrupts
from sama_bench.lmms.general.interrupts import insistent


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(interrupts, "AGAIN_AFTER", 0.05)


def swallow():
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def go_on():
    swallow()
    for _ in range(200):
        time.sleep(0.05)


def test_an_interrupt_that_is_swallowed_comes_again():
    with pytest.raises(KeyboardInterrupt), insistent():
        go_on()


def test_without_an_interrupt_nothing_is_raised_and_the_handler_of_before_is_back():
    before = signal.getsignal(signal.SIGINT)
    with insistent():
        time.sleep(0.2)
    time.sleep(0.2)
    assert signal.getsignal(signal.SIGINT) is before


def test_behind_it_no_interrupt_comes_again():
    with pytest.raises(KeyboardInterrupt), insistent():
        signal.raise_signal(signal.SIGINT)
    time.sleep(0.2)


def test_outside_the_main_thread_it_changes_nothing():
    before, seen = signal.getsignal(signal.SIGINT), []

    def look():
        with insistent():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]
