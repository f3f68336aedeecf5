"""How a run stands, seen from outside: what is answered, how fast, by whom, and what took longest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sama_bench.run.bar import rate_told, time_told
from sama_bench.run.live import LiveState, WorkerState, read_live
from sama_bench.run.store import PROGRESS, Store

SLOWEST = 5


@dataclass(frozen=True)
class Seconds:
    """What answers took, of those that say so."""

    mean: float
    median: float
    p95: float
    most: float


@dataclass(frozen=True)
class SlowVideo:
    """A video, its answered questions, and the seconds that they took together."""

    video: str
    questions: int
    seconds: float


@dataclass(frozen=True)
class Status:
    """How a run stands.

    `state` is asking, scoring, done (all was asked), or stopped; only in the first two a process writes to it. `rate`
    (questions a second) and `seconds_left` are those of the session that asks, or asked last; None where nobody knows.
    """

    run: str
    model: str
    benchmark: str
    state: str
    questions: int
    answered: int
    errors: int
    rate: float | None
    seconds_left: float | None
    seconds: Seconds | None
    workers: Sequence[WorkerState]
    slowest: Sequence[SlowVideo]

    @property
    def is_live(self) -> bool:
        """Whether a process writes to the run."""
        return self.state in {"asking", "scoring"}

    def to_json(self) -> dict[str, object]:
        """With JSON's own types."""
        workers = [{**asdict(worker), "utilisation": worker.utilisation} for worker in self.workers]
        return {**asdict(self), "workers": workers}

    def line(self) -> str:
        """All of it in a line, without the slowest videos."""
        parts = [f"{self.run}: {self.state}, {self.answered}/{self.questions} questions"]
        parts += [f"{self.errors} {'error' if self.errors == 1 else 'errors'}"] * bool(self.errors)
        if self.rate is not None:
            parts.append(rate_told(self.rate))
        if self.is_live and self.seconds_left is not None:
            parts.append(f"{time_told(self.seconds_left)} left")
        if self.seconds is not None:
            parts.append(f"{self.seconds.median:.3g} s a question (median; 95 % below {self.seconds.p95:.3g} s)")
        return ", ".join(parts)

    def workers_line(self) -> str:
        """What part of their time the workers worked, in a line; '' where there are none."""
        shown = [f"{worker.name} {worker.utilisation:.0%}" for worker in self.workers if worker.utilisation is not None]
        return f"workers at work: {', '.join(shown)}" if shown else ""

    def slowest_line(self) -> str:
        """The slowest videos in a line; '' where nobody knows."""
        shown = [f"{video.video} {video.seconds:.3g} s ({video.questions} questions)" for video in self.slowest]
        return f"slowest videos: {', '.join(shown)}" if shown else ""

    def lines(self) -> list[str]:
        """All of it, in a line each."""
        return [line for line in (self.line(), self.workers_line(), self.slowest_line()) if line]


def status_of(path: Path) -> Status:
    """How the run at `path` stands. Raises UserError where it is none, or holds nothing yet, or is damaged."""
    with Store.open(path) as store:
        live = read_live(path / PROGRESS)
        answered, total = store.asked, sum(store.manifest.counts.values())
        return Status(
            str(path),
            store.settings.model,
            store.manifest.bench_name,
            _state(store, live, answered >= total),
            total,
            answered,
            len(store.errors()),
            None if live is None else live.rate,
            None if live is None else live.seconds_left,
            _seconds(store.seconds()),
            [] if live is None else live.workers,
            [SlowVideo(*row) for row in store.slowest(SLOWEST)],
        )


def _state(store: Store, live: LiveState | None, complete: bool) -> str:
    finished = live is not None and live.state == "done"
    if store.is_live:
        return "scoring" if finished or complete else "asking"
    return "done" if finished or complete else "stopped"


def _seconds(ascending: Sequence[float]) -> Seconds | None:
    if not ascending:
        return None
    count = len(ascending)
    return Seconds(
        sum(ascending) / count, ascending[(count - 1) // 2], ascending[min(count - 1, int(0.95 * count))], ascending[-1]
    )
