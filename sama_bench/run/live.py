"""How far a run is while it is asked: a small file in its folder, for those who look at it from outside."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from time import monotonic
from types import TracebackType

from sama_bench.errors import UserError
from sama_bench.files.atomic import write_bytes
from sama_bench.files.json_files import as_json, read_json
from sama_bench.files.json_shapes import shaped_value
from sama_bench.run.dispatch import Slot
from sama_bench.run.progress import Progress

SECONDS_BETWEEN = 2.0
AGAIN = "it is written anew when the run goes on"


@dataclass(frozen=True)
class WorkerState:
    """What one worker did: seconds at work of all seconds that it was there; what it works on, and since when."""

    name: str
    device: str | None
    busy: float
    seconds: float
    questions: int
    videos: int
    deaths: int
    now: str | None

    @classmethod
    def of(cls, slot: Slot) -> WorkerState:
        """The state of a slot at this moment."""
        busy, seconds = slot.seconds()
        times = round(min(busy, seconds), 3), round(seconds, 3)
        return cls(slot.name, slot.device, *times, slot.questions, slot.videos, slot.deaths, slot.now)

    @property
    def utilisation(self) -> float | None:
        """The part of its time that it worked, in 0…1; None where it was not there yet."""
        return self.busy / self.seconds if self.seconds else None


@dataclass(frozen=True)
class LiveState:
    """What `progress.json` holds: of the session that asks, or asked last.

    `state` is asking, done (all was asked), or stopped; `at` when it was written (UTC, ISO 8601). `done` of
    `questions` have an answer, `before` of them from earlier sessions; `seconds` is how long this one asks.
    """

    state: str
    at: str
    pid: int
    host: str
    questions: int
    done: int
    before: int
    videos: int
    videos_done: int
    errors: int
    seconds: float
    workers: Sequence[WorkerState]

    @property
    def rate(self) -> float | None:
        """Questions a second in this session; None before the first."""
        done_now = self.done - self.before
        return done_now / self.seconds if done_now > 0 and self.seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """What the rest takes at this rate; None where there is none yet."""
        return None if self.rate is None else (self.questions - self.done) / self.rate


def read_live(path: Path) -> LiveState | None:
    """Read `progress.json`; None where it is not there, UserError where it is damaged."""
    return shaped_value(LiveState, read_json(path, again=AGAIN)) if path.exists() else None


class Live:
    """Progress that passes all on to another, and keeps `progress.json` up to date. Use it as a context manager."""

    def __init__(self, path: Path, progress: Progress, slots: Sequence[Slot] = ()) -> None:
        self._path, self._progress, self._slots = path, progress, slots
        self._questions = self._done = self._before = self._videos = self._videos_done = self._errors = 0
        self._began = monotonic()
        self._written_at = float("-inf")

    def __enter__(self) -> Live:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: object, trace: TracebackType | None) -> None:
        self._write("done" if kind is None else "stopped")

    def begin(self, videos: int, questions: int, videos_done: int, questions_done: int) -> None:
        """Note it, and pass it on."""
        self._progress.begin(videos, questions, videos_done, questions_done)
        self._videos, self._questions = videos, questions
        self._videos_done, self._done, self._before = videos_done, questions_done, questions_done
        self._began = monotonic()
        self._write("asking")

    def question_done(self, error: str | None = None) -> None:
        """Note it, and pass it on."""
        self._progress.question_done(error)
        self._done += 1
        self._errors += error is not None
        self.tick()

    def video_done(self) -> None:
        """Note it, and pass it on."""
        self._progress.video_done()
        self._videos_done += 1

    def warn(self, line: str) -> None:
        """Pass it on."""
        self._progress.warn(line)

    def tick(self) -> None:
        """Write the file, where that was not done in the last seconds."""
        if monotonic() - self._written_at >= SECONDS_BETWEEN:
            self._write("asking")

    def _write(self, state: str) -> None:
        self._written_at = monotonic()
        content = LiveState(
            state,
            datetime.now(timezone.utc).isoformat(timespec="seconds"),
            os.getpid(),
            socket.gethostname(),
            self._questions,
            self._done,
            self._before,
            self._videos,
            self._videos_done,
            self._errors,
            round(monotonic() - self._began, 3),
            [WorkerState.of(slot) for slot in self._slots],
        )
        with suppress(OSError, UserError):  # nothing is lost by it: a full disk is told where an answer is
            write_bytes(self._path, as_json(asdict(content)))
