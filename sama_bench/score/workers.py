"""Work on videos in several processes, its results in the order of the benchmark whatever their number."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from sama_bench.errors import UserError
from sama_bench.score.child_process import BROKEN, ChildProcess, pipes_of_parent

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark, Entry
    from sama_bench.run.answer_sources import Answers

Result = TypeVar("Result")

# What is done with one video. With more than one process it must be a function of a module, and benchmark, answers
# and results must be made for pickling.
Work: TypeAlias = "Callable[[Benchmark, Answers, Entry], Result]"

AHEAD = 64  # results that may wait, so that memory does not grow with the benchmark
WORTH_IT = 150  # questions from which on it pays to start processes, half a second each


def available() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def video_by_video(
    work: Work[Result], benchmark: Benchmark, answers: Answers, processes: int | None = None
) -> Iterator[Iterator[Result]]:
    """An iterator over the results of `work` for each video, in the order of the benchmark.

    It is done by so many processes, by default one for each core, but in this one for small benchmarks; at most 64
    results are made ahead of the one that is asked for. What `work` raises is raised here; a process that
    ends raises UserError naming its video. Leaving the context ends all processes.
    """
    count = processes or (available() if sum(len(entry.keys) for entry in benchmark.entries) >= WORTH_IT else 1)
    count = min(count, len(benchmark.entries))
    if count <= 1:
        yield (work(benchmark, answers, entry) for entry in benchmark.entries)
        return
    task = pickle.dumps((work, benchmark, answers))
    with contextlib.ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(count))
        idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for _ in range(count):
            worker = _Worker(task)
            stack.callback(worker.end)  # before the threads are waited for: each waits for its worker
            idle.put(worker)
        stack.callback(threads.shutdown, wait=False, cancel_futures=True)
        yield _in_order(threads, idle, benchmark)


def _in_order(threads: ThreadPoolExecutor, idle: queue.SimpleQueue[_Worker], benchmark: Benchmark) -> Iterator[Any]:
    def ask(number: int) -> object:
        worker = idle.get()
        try:
            return worker.ask(number, benchmark.entries[number].video.id)
        finally:
            idle.put(worker)

    waiting: deque[Future[object]] = deque()
    for number in range(len(benchmark.entries)):
        if len(waiting) == AHEAD:
            yield waiting.popleft().result()
        waiting.append(threads.submit(ask, number))
    while waiting:
        yield waiting.popleft().result()


class _Worker:
    """A process that does the work for one video after the other."""

    def __init__(self, task: bytes) -> None:
        self._task: bytes | None = task
        self._process = ChildProcess(__name__)

    def ask(self, number: int, video: str) -> object:
        """The result for a video. Raises what the work raised, UserError where the process is gone."""
        try:
            if self._task is not None:  # here, in the worker's own thread: it is long, and read only when Python is up
                self._process.write(self._task)
                self._task = None
            self._process.send(number)
            result, problem = cast("tuple[object, Exception | None]", self._process.receive())
        except BROKEN as gone:
            raise UserError(
                f"video {video}: the process that compared its masks ended with status {self._process.status()} "
                "(killed, or out of memory?); nothing stored is lost: score again, with --processes 1 where memory is "
                "short"
            ) from gone
        if problem is not None:
            raise problem
        return result

    def end(self) -> None:
        """Kill the process; nothing of it is left."""
        self._process.end()


def serve() -> None:
    """Be a worker: read the work from standard input, then numbers of videos, and answer each; end with the input."""
    requests, answers = pipes_of_parent()
    with contextlib.suppress(EOFError, BrokenPipeError):
        work, benchmark, answer_source = pickle.load(requests)  # noqa: S301 (our own parent wrote it)
        while True:
            entry = benchmark.entries[pickle.load(requests)]  # noqa: S301
            _reply(answers, work, benchmark, answer_source, entry)


def _reply(pipe: IO[bytes], work: Work[Any], benchmark: Benchmark, answers: Answers, entry: Entry) -> None:
    try:
        reply = pickle.dumps((work(benchmark, answers, entry), None))
    except Exception as problem:  # raised again in the parent
        reply = pickle.dumps((None, problem))
    pipe.write(reply)
    pipe.flush()
