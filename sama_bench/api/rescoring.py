"""Scoring runs again: one, or many at once, by all cores and one JVM."""

from __future__ import annotations

import logging
import pickle
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, cast

from sama_bench.api.scores import Scores
from sama_bench.api.scoring import tell_misfits, with_breakdowns
from sama_bench.errors import UserError, each
from sama_bench.metrics.java import JavaCalls, TextFault
from sama_bench.run.bar import bar
from sama_bench.run.progress import Progress, Silence
from sama_bench.run.store import Store
from sama_bench.score import scores as made
from sama_bench.score.child_process import BROKEN, ChildProcess, pipes_of_parent, put
from sama_bench.score.engine import score, started
from sama_bench.score.partial import is_being_asked, partial_scores
from sama_bench.score.scores import keep
from sama_bench.score.similarity_choice import choose
from sama_bench.score.workers import available
from sama_bench.worker.remote_errors import describe, rebuild

TOLD_TOGETHER = 50  # questions
_log = logging.getLogger("sama_bench")


@dataclass(frozen=True)
class Rescoring:
    """How runs are scored again; as `Run.score`."""

    bench: str | Path | None = None
    phrases: str | None = None
    phrase_model: str | Path | None = None
    breakdowns: bool = False
    processes: int | None = None

    def scores(
        self, path: Path, progress: Progress, tell: Callable[[str], object], java: JavaCalls | None = None
    ) -> made.Scores:
        """Score a run, and keep the scores in it; of one that is being asked partial ones, which are not kept."""
        choices = choose(self.phrases, None if self.phrase_model is None else Path(self.phrase_model))
        with Store.open(path) as store:
            if is_being_asked(store):
                partial = partial_scores(
                    store, choices, self.bench, progress=progress, processes=self.processes, java=java
                )
                return self._broken_down(partial, java)
        with Store.open(path, write=True) as store:
            benchmark = store.open_benchmark(self.bench)
            tell_misfits(benchmark, tell)
            scores = score(benchmark, store, phrases=choices, progress=progress, processes=self.processes, java=java)
            scores = self._broken_down(scores, java)
            keep(scores, store)
        return scores

    def _broken_down(self, scores: made.Scores, java: JavaCalls | None) -> made.Scores:
        return with_breakdowns(scores, java) if self.breakdowns else scores


def score_runs(
    paths: Sequence[str | Path],
    bench: str | Path | None = None,
    *,
    phrases: str | None = None,
    phrase_model: str | Path | None = None,
    breakdowns: bool = False,
    processes: int | None = None,
    tell: Callable[[str], object] = _log.warning,
) -> dict[Path, Scores]:
    """Score many runs again, some at once in processes of their own, all with one JVM; as `Run.score` of each.

    There are `processes` in all, by default one a core; their number changes no byte. Gives the scores by folder, in
    the order given, without what is known of single questions (`Run.questions` has it).

    Raises UserError with the problems of all runs that could not be scored; the others are scored then, and kept.
    """
    folders = list(dict.fromkeys(map(Path, paths)))
    counts = dict(zip(folders, each(_questions, folders), strict=True))
    total = processes or available()
    at_once = max(1, min(total, len(folders)))
    how = Rescoring(bench, phrases, phrase_model, breakdowns, max(1, total // at_once) if at_once < total else 1)
    with bar("scoring") as shown, ExitStack() as stack:
        progress = _Together(shown, tell)
        progress.begin(len(folders), sum(counts.values()), 0, 0)
        shared = _Shared(stack.enter_context(started()))
        threads = stack.enter_context(ThreadPoolExecutor(at_once))
        idle: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        for _ in range(at_once):
            process = _Process(shared, progress)
            stack.callback(process.end)  # before the threads are waited for
            idle.put(process)
        stack.callback(threads.shutdown, wait=False, cancel_futures=True)

        def of(folder: Path) -> made.Scores:
            process = idle.get()
            try:
                return process.scores(how, folder)
            finally:
                idle.put(process)
                progress.video_done()

        longest_first = sorted(folders, key=lambda folder: -counts[folder])
        waiting = {folder: threads.submit(of, folder) for folder in longest_first}
        scores = each(lambda folder: waiting[folder].result(), folders)
    return {folder: Scores(run_scores) for folder, run_scores in zip(folders, scores, strict=True)}


def _questions(folder: Path) -> int:
    with Store.open(folder) as store:
        return sum(store.manifest.counts.values())


class _Shared:
    """One Java for the threads of all processes, one call at a time."""

    def __init__(self, java: JavaCalls) -> None:
        self._java = java
        self._lock = threading.Lock()

    def ask(self, call: str, argument: object) -> object:
        """What a method of `JavaCalls` gives."""
        with self._lock:
            return getattr(self._java, call)(argument)


class _Together:
    """The progress of many runs, told by threads; a run counts as a video."""

    def __init__(self, progress: Progress, tell: Callable[[str], object]) -> None:
        self._progress, self._tell = progress, tell
        self._lock = threading.Lock()
        self.begin = progress.begin

    def questions_done(self, count: int) -> None:
        """So many questions more are scored."""
        with self._lock:
            for _ in range(count):
                self._progress.question_done()

    def video_done(self) -> None:
        """One more run is scored."""
        with self._lock:
            self._progress.video_done()

    def tell(self, line: str) -> None:
        """Tell the user a line."""
        with self._lock:
            self._tell(line)


class _Process:
    """A process that scores one run after the other, and asks this one for what Java says."""

    def __init__(self, java: _Shared, progress: _Together) -> None:
        self._java, self._progress = java, progress
        self._process = ChildProcess(__name__)

    def scores(self, how: Rescoring, folder: Path) -> made.Scores:
        """The scores of a run. Raises what scoring it raised, UserError where the process is gone."""
        try:
            self._process.send((how, folder))
            while True:
                kind, *rest = cast("tuple[Any, ...]", self._process.receive())
                match kind:
                    case "java":
                        self._process.send(_outcome(self._java.ask, *rest))
                    case "done":
                        self._progress.questions_done(*rest)
                    case "line":
                        self._progress.tell(f"{folder}: {rest[0]}")
                    case "failed":
                        raise rebuild(*rest)
                    case _:
                        return cast("made.Scores", rest[0])
        except BROKEN as gone:
            raise UserError(
                f"{folder}: the process that scored it ended with status {self._process.status()} (killed, or out of "
                "memory?); nothing stored is lost: score it again, with --processes 1 where memory is short"
            ) from gone

    def end(self) -> None:
        """Kill the process; nothing of it is left."""
        self._process.end()


class _JavaOfParent:
    """Java's methods in a process that has it asked by its parent; as `JavaCalls`."""

    def __init__(self, requests: IO[bytes], answers: IO[bytes]) -> None:
        self._requests, self._answers = requests, answers

    def tokenize(self, texts: Sequence[str], /) -> list[str | TextFault]:
        return cast("list[str | TextFault]", self._ask("tokenize", texts))

    def tokenize_together(self, groups: Sequence[Sequence[str]], /) -> list[list[str | TextFault]]:
        return cast("list[list[str | TextFault]]", self._ask("tokenize_together", groups))

    def meteor_statistics(self, pairs: Sequence[tuple[str, str]], /) -> list[str | TextFault]:
        return cast("list[str | TextFault]", self._ask("meteor_statistics", pairs))

    def meteor(self, statistics: Sequence[Sequence[str]], /) -> list[tuple[float, list[float]]]:
        return cast("list[tuple[float, list[float]]]", self._ask("meteor", statistics))

    def _ask(self, call: str, argument: object) -> object:
        put(self._answers, ("java", call, argument))
        value, problem = pickle.load(self._requests)  # noqa: S301 (our own parent wrote it)
        if problem is not None:
            raise problem
        return value


class _Counted(Silence):
    """Tells the parent how many questions are scored, video by video."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._count = 0

    def question_done(self, error: str | None = None) -> None:  # noqa: ARG002
        self._count += 1
        if self._count % TOLD_TOGETHER == 0:
            self.tell()

    def tell(self) -> None:
        """Tell what was not told yet."""
        count, self._count = self._count, 0
        put(self._pipe, ("done", count))


def serve() -> None:
    """Be a process of `score_runs`: read what to score from standard input, score it; end with the input."""
    requests, answers = pipes_of_parent()
    java = _JavaOfParent(requests, answers)
    with suppress(EOFError, BrokenPipeError):
        while True:
            how, folder = pickle.load(requests)  # noqa: S301 (our own parent wrote it)
            progress = _Counted(answers)
            try:
                scores = how.scores(folder, progress, lambda line: put(answers, ("line", line)), java)
            except (EOFError, BrokenPipeError):
                raise
            except Exception as problem:
                put(answers, ("failed", describe(problem)))
            else:
                progress.tell()
                put(answers, ("scores", replace(scores, statistics={})))


def _outcome(call: Callable[..., object], *arguments: object) -> tuple[object, Exception | None]:
    try:
        return call(*arguments), None
    except Exception as problem:  # raised again in the process that asks
        return None, problem
