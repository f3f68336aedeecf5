"""What a Ray actor does: it has a worker process of its node, and hands on what that answers."""

from __future__ import annotations

import os
import queue
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from sama_bench import __version__
from sama_bench.adapter import Abilities
from sama_bench.run.dispatch import Lost
from sama_bench.run.predictions import StoredPrediction
from sama_bench.types import Key, Question, Video
from sama_bench.worker.devices import CPU, environment
from sama_bench.worker.hosted import WorkerSpec
from sama_bench.worker.interpreter import usable
from sama_bench.worker.local import LocalWorker
from sama_bench.worker.remote_errors import describe

THREADS = "OMP_NUM_THREADS"
"""Ray sets it for its actors, and sums of many numbers depend on it."""


@dataclass(frozen=True)
class HostSpec:
    """What an actor is to run: an adapter with its arguments, by `python`, an interpreter of the node (None: its own).

    `log` is a file that is written where its folder is on the node, else one of the same name in a temporary folder.
    `gpus` is how many GPUs the actor has been given, `threads` the driver's OMP_NUM_THREADS.
    """

    name: str
    args: Mapping[str, object]
    python: Path | None
    log: Path
    timeout: float
    trust: bool
    gpus: float
    threads: str | None


@dataclass(frozen=True)
class ModelFacts:
    """What a model says of itself when it is made; `node` is where, `package` the version of sama-bench there."""

    can: Abilities
    asking: Mapping[str, str]
    free: frozenset[str]
    wording: str
    forced: str
    versions: Mapping[str, str]
    at_once: int
    node: str
    package: str = __version__


@dataclass(frozen=True)
class Warned:
    """A line for the user."""

    line: str


@dataclass(frozen=True)
class Answer:
    """An answer to a question."""

    key: Key
    prediction: StoredPrediction


@dataclass(frozen=True)
class Died:
    """The worker process died while the actor lives; as `Lost`."""

    how: str
    log: str
    key: Key | None
    opening: bool
    together: bool


@dataclass(frozen=True)
class Failed:
    """An exception, as `remote_errors.describe` tells it."""

    about: Mapping[str, object]


Event: TypeAlias = "Warned | Answer | Died | Failed"
ABOUT = ("can", "asking", "free", "wording", "forced")


class Host:
    """The class of the actors. Nothing that it returns or raises is an exception: what was raised is `Failed`."""

    def __init__(self, spec: HostSpec) -> None:
        self._host_spec = spec
        self._node = socket.gethostname()
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        if spec.threads is None:
            os.environ.pop(THREADS, None)
        else:
            os.environ[THREADS] = spec.threads

    def node(self) -> str:
        """The name of the machine; that it answers says that the actor has found its place."""
        return self._node

    def begin(self) -> ModelFacts | Failed:
        """Start the worker process and have the model made."""
        try:
            self._worker = LocalWorker(self._spec())
            self._worker.begin()
        except Exception as problem:
            return Failed(describe(problem))
        about = {name: vars(self._worker)[name] for name in ABOUT}
        return ModelFacts(**about, versions=self._worker.versions, at_once=self._worker.at_once, node=self._node)

    def lacking(self, videos: Sequence[Video]) -> list[str]:
        """The ids of the videos some of whose frames are not to be seen from here."""
        return [video.id for video in videos if not all(path.exists() for path in video.frames)]

    def ask(
        self, videos: Sequence[Sequence[Question]], references: Mapping[str, object] | None = None
    ) -> Iterator[Event]:
        """Answer all questions of these videos; of some, by id, there are references to their frame files in order."""
        import ray

        sent: dict[str, Sequence[bytes]] = {id_: ray.get(reference) for id_, reference in (references or {}).items()}
        events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        with tempfile.TemporaryDirectory(prefix="sama-bench-frames-") as folder:
            questions = (
                [_with_frames_in(of_video, sent, Path(folder) / str(n)) for n, of_video in enumerate(videos)]
                if sent
                else videos
            )
            thread = threading.Thread(target=self._ask, args=(questions, events), daemon=True)
            thread.start()
            while (event := events.get()) is not None:
                yield event
            thread.join()

    def notes(self) -> list[str]:
        """What the model has to say at the end."""
        return list(self._worker.notes())

    def end(self) -> None:
        """Let the worker process end."""
        if "_worker" in vars(self):
            self._worker.end()

    def _ask(self, videos: Sequence[Sequence[Question]], events: queue.SimpleQueue[Event | None]) -> None:
        def answered(key: Key, prediction: StoredPrediction) -> None:
            events.put(Answer(key, prediction))

        try:
            self._worker.ask(videos, answered, lambda line: events.put(Warned(line)))
        except Lost as lost:
            events.put(Died(f"{lost.how}, on {self._node}", lost.log, lost.key, lost.opening, lost.together))
        except BaseException as problem:
            events.put(Failed(describe(problem)))
        finally:
            events.put(None)

    def _spec(self) -> WorkerSpec:
        spec = self._host_spec
        python = usable(Path(sys.executable) if spec.python is None else spec.python)
        # What GPUs an actor may use Ray has put into this process's variables, which the worker's process inherits.
        variables = environment(CPU) if spec.gpus == 0 else {}
        return WorkerSpec(
            spec.name, spec.args, python, self._log(), spec.timeout, spec.trust, variables, leave_out="--ray"
        )

    def _log(self) -> Path:
        log = self._host_spec.log
        if log.is_absolute() and log.parent.is_dir():
            return log
        self._scratch = tempfile.TemporaryDirectory(prefix="sama-bench-log-", ignore_cleanup_errors=True)
        return Path(self._scratch.name) / log.name


def _with_frames_in(questions: Sequence[Question], sent: Mapping[str, Sequence[bytes]], folder: Path) -> list[Question]:
    """The questions of a video, about frames that lie in `folder`, where they were sent."""
    video = questions[0].video
    if video.id not in sent:
        return list(questions)
    folder.mkdir()
    paths = tuple(folder / f"{n:06d}{path.suffix}" for n, path in enumerate(video.frames))
    for path, content in zip(paths, sent[video.id], strict=True):
        path.write_bytes(content)
    here = Video(video.id, video.source, video.size, paths)
    return [replace(question, video=here) for question in questions]
