"""For all tests: a busy machine is no failure, CI tries the same examples each time, one JVM, a server on loopback."""

import gc
import importlib
import os
import shutil
import signal
import threading
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("without a clock", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("without a clock")


def pytest_configure(config):
    """Let processes of one session take the files in the order below, not those with the most tests first."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items):
    """Files with slow tests come first, so that no process is left alone with one of them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish():
    """What was collected stays to the end: nobody looks for garbage in it, neither here nor in a child."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def desk():
    """The module of an OpenAI-compatible server on loopback; benchmarks are not installed."""
    path = pytest.MonkeyPatch()
    path.syspath_prepend(str(Path(__file__).parents[1]))
    yield importlib.import_module("benchmarks.desk")
    path.undo()


@pytest.fixture(scope="session")
def bounded_work():
    """A context in which this process may compute for 60 seconds of the processor: a busy machine does no harm.

    What is to take no time takes less than a tenth of that; what must not be quadratic would take hours.
    """

    @contextmanager
    def bounded():
        def end(*_):
            raise AssertionError("this took a minute of the processor")

        before = signal.signal(signal.SIGVTALRM, end)
        signal.setitimer(signal.ITIMER_VIRTUAL, 60)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)

    return bounded


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory):
    """A folder for what takes long to make; processes of one session share it.

    An index of METEOR's paraphrases that the user's own cache has is there from the beginning.
    """
    from sama_bench.cache import cache_folder

    session = tmp_path_factory.getbasetemp()
    shared = (session.parent if "PYTEST_XDIST_WORKER" in os.environ else session) / "warm"
    shared.mkdir(exist_ok=True)
    for made in cache_folder().glob("paraphrases-*.zip"):
        _copy(made, shared / made.name)
    return shared


@pytest.fixture(scope="session", autouse=True)
def one_java(shared_cache):
    """Makes the Java of this process: all scoring in it shares one JVM, as a start takes seconds.

    It is real, and starts where it is first asked. Processes that tests start or fork have their own.
    """
    from sama_bench.api import dialogues
    from sama_bench.metrics.java import Java
    from sama_bench.score import engine, explain

    in_use, process = threading.Lock(), os.getpid()
    with ExitStack() as end, pytest.MonkeyPatch.context() as patch:
        shared_java = cache(lambda: end.enter_context(Java(cache=shared_cache)))

        @contextmanager
        def shared(cache=None):
            if os.getpid() == process and in_use.acquire(blocking=False):
                try:
                    yield shared_java()
                finally:
                    in_use.release()
            else:
                with Java(cache=cache) as another:
                    yield another

        for module in (dialogues, engine, explain):
            patch.setattr(module, "Java", shared)
        yield shared_java


@pytest.fixture(scope="session")
def java(one_java):
    """The JVM that this process has."""
    return one_java()


@pytest.fixture(scope="session")
def warm_cache(shared_cache):
    """Makes a cache folder with what takes long to make and some test of the session has made before.

    That is the index of METEOR's paraphrases (11 seconds) and the demos (14).
    """
    shared, folders = shared_cache, []

    def collect():
        for made in (path for folder in folders for path in _slow_to_make(folder)):
            _copy(made, shared / made.name)

    def make(folder):
        collect()
        folder.mkdir(parents=True, exist_ok=True)
        for made in _slow_to_make(shared):
            _copy(made, folder / made.name)
        folders.append(folder)
        return folder

    return make


def _slow_to_make(folder):
    """What takes long to make, of the content of a cache folder."""
    yield from folder.glob("paraphrases-*.zip")
    yield from (path for path in folder.glob("demo*-*") if path.is_dir() and path.suffix != ".part")


def _copy(path, target):
    """Copy a file or folder where none is; whole, as other processes look for it."""
    if target.exists():
        return
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    if path.is_dir():
        shutil.copytree(path, part)
        try:
            part.rename(target)
        except OSError:  # another process was first
            shutil.rmtree(part)
    else:
        shutil.copyfile(path, part)
        part.replace(target)
