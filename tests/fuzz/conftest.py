import contextlib
import importlib
import os
import signal
from pathlib import Path

import pytest

from sama_bench.errors import UserError

LONGEST = 1500  # characters of a line that a user is told
SECONDS = 20.0  # that one input may take


class TooSlow(BaseException):
    """No `except Exception` takes it for something else."""


@pytest.fixture(scope="session")
def mutations():
    """The module `mutations`, which lies here and is no part of the package."""
    path = pytest.MonkeyPatch()
    path.syspath_prepend(str(Path(__file__).parent))
    yield importlib.import_module("mutations")
    path.undo()


@pytest.fixture(scope="session")
def many():
    """How many inputs a target tries: as many as it says, times $FUZZ_TIMES (a whole number) for a longer search."""
    times = int(os.environ.get("FUZZ_TIMES", "1"))
    return lambda count: count * times


@pytest.fixture(scope="session")
def refused():
    """Calls a function; whether that raised UserError, whose lines have to be short. Any other exception is a fault."""

    def call(function, *arguments):
        with _in_time():
            try:
                function(*arguments)
            except UserError as problem:
                _check_lines(problem.lines())
                return True
        return False

    return call


def _check_lines(lines):
    assert lines
    for line in lines:
        assert line.strip(), lines
        assert len(line) <= LONGEST, f"a line of {len(line)} characters: {line[:LONGEST]}"
        assert "\n" not in line


@contextlib.contextmanager
def _in_time():
    def late(*_):
        raise TooSlow(f"an input took more than {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
