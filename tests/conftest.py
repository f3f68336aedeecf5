"""For all tests: a busy machine is no failure, CI tries the same examples each time, and a server on loopback."""

import importlib
import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("without a clock", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("without a clock")


@pytest.fixture(scope="session")
def desk():
    """The module of an OpenAI-compatible server on loopback; benchmarks are not installed."""
    path = pytest.MonkeyPatch()
    path.syspath_prepend(str(Path(__file__).parents[1]))
    yield importlib.import_module("benchmarks.desk")
    path.undo()
