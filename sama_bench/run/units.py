"""What workers are given at a time: whole videos, the longest first; and what is left of one whose worker died."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sama_bench.benchmark.shards import cost
from sama_bench.dialogue.histories import takes_rounds
from sama_bench.types import Key

if TYPE_CHECKING:
    from sama_bench.benchmark import Entry


@dataclass(frozen=True, eq=False)
class Unit:
    """Videos that one worker is asked together, each with the keys of its questions that are to be asked."""

    videos: Sequence[tuple[Entry, Sequence[Key]]]

    @property
    def cost(self) -> int:
        """What it is expected to take, in frames times questions."""
        return sum(cost(entry.video, len(keys)) for entry, keys in self.videos)

    @property
    def keys(self) -> list[Key]:
        """The questions of all its videos."""
        return [key for _, keys in self.videos for key in keys]

    def without(self, answered: set[Key]) -> Unit | None:
        """What is left when these have an answer; None where nothing is."""
        left = [(entry, [key for key in keys if key not in answered]) for entry, keys in self.videos]
        videos = [(entry, keys) for entry, keys in left if keys]
        return Unit(videos) if videos else None

    def smaller(self, *, chained: bool = False) -> list[Unit]:
        """The same work in smaller units: video by video; one video's question by question.

        Where they are `chained` the rounds of a dialogue stay together, as each waits for the one before.
        """
        if len(self.videos) > 1:
            return [Unit([video]) for video in self.videos]
        (entry, keys) = self.videos[0]
        parts: dict[object, list[Key]] = {}
        for key in keys:
            parts.setdefault(key.task if chained and takes_rounds(key.task) else key, []).append(key)
        return [Unit([(entry, part)]) for part in parts.values()]


def units(todo: Iterable[tuple[Entry, Sequence[Key]]], at_once: int, workers: int) -> list[Unit]:
    """The work in units, the one that is expected to take longest first.

    A unit is one video; where a model takes `at_once` (0: one) questions together, as many videos as have so many, but
    no more than leave each worker two units.
    """
    singles = sorted((Unit([video_todo]) for video_todo in todo), key=lambda unit: -unit.cost)
    together = min(at_once, -(-sum(len(unit.keys) for unit in singles) // (2 * workers)))
    grouped: list[Unit] = []
    group: list[tuple[Entry, Sequence[Key]]] = []
    for unit in singles:
        group += unit.videos
        if sum(len(keys) for _, keys in group) >= together:
            grouped.append(Unit(group))
            group = []
    return [*grouped, Unit(group)] if group else grouped


@dataclass
class UnitQueue:
    """Units that wait for a worker. A worker that takes one says `done` with it, when it has put back what is left."""

    waiting: deque[Unit]
    _taken: int = 0
    _idle: int = 0
    _stopped: bool = False
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, *, alive: bool = True) -> Unit | None:
        """Wait for a unit; None where all is done, or `stop` was called.

        A worker that is not `alive`, and has to be started first, leaves the unit to one that waits already.
        """
        with self._changed:
            self._idle += alive
            try:
                while not self._is_for(alive):
                    if self._stopped or not (self.waiting or self._taken):
                        return None
                    self._changed.wait()
                if self._stopped:
                    return None
                self._taken += 1
                return self.waiting.popleft()
            finally:
                self._idle -= alive
                self._changed.notify_all()

    def put_back(self, unit: Unit) -> None:
        """Have a unit taken next."""
        with self._changed:
            self.waiting.appendleft(unit)
            self._changed.notify_all()

    def done(self) -> None:
        """Say that one of the units that were taken is done with."""
        with self._changed:
            self._taken -= 1
            self._changed.notify_all()

    def stop(self) -> None:
        """Give nothing any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _is_for(self, alive: bool) -> bool:
        return bool(self.waiting) and (alive or len(self.waiting) > self._idle)
