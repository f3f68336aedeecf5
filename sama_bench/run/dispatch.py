"""Many workers that are asked at once: units go to whoever is free, answers come back as they are there.

What a worker is, is left open: a process here (`sama_bench.worker.local`), or something on another machine. It takes
the questions of a unit, gives answers, and raises `Lost` where it died; nothing else is asked of it (`Worker`).
"""

from __future__ import annotations

import queue
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sama_bench.adapter import Abilities
from sama_bench.dialogue import Histories, RoundsOfVideo, waves
from sama_bench.errors import UserError
from sama_bench.run.predictions import StoredPrediction, traced
from sama_bench.run.progress import Progress
from sama_bench.run.units import Unit, UnitQueue, units
from sama_bench.types import Key, Question

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark, Entry

MOST_TRIES = 2
"""So often a question is asked, or a video opened, that ends a worker; then it is an error."""
MOST_TRIES_BEFORE_ANY = 10
"""So often a unit is given to workers that end before they begin with any of its questions."""
MOST_LOST_IN_A_ROW = 5
"""After so many lost questions in a row, of more than one video, the environment is taken to be broken."""
MOST_WAITING = 256
"""Answers that may wait to be stored: where the disk is slow, the workers wait, and memory stays as it is."""
GATHER_SECONDS = 0.2
"""Answers that come faster than this are handed on together, as each handing on is a transaction of the store."""


class Lost(BaseException):
    """A worker died while it worked on a unit; it may be asked again, and then starts anew.

    `key` is the question that it worked on; `opening` says that it was opening the unit's first video, `together`
    that it worked on several questions at once; none of them that it died on the way. `begin_again` says that its
    machine is gone with it: it has to `begin` again, which may wait for another one, before it is given a unit. `how`
    says how it died, `log` what it printed last. No Exception: it is no failure of the model, and passes what makes
    answers of those.
    """

    def __init__(
        self,
        how: str,
        log: str = "",
        *,
        key: Key | None = None,
        opening: bool = False,
        together: bool = False,
        begin_again: bool = False,
    ) -> None:
        super().__init__(how)
        self.begin_again = begin_again
        self.how, self.log, self.key, self.opening, self.together = how, log, key, opening, together


class WorkerDied(Exception):
    """Workers died at one question, or at opening one video, as often as they may."""


class Answered(NamedTuple):
    """An answer to a question of a video, on its way to the store."""

    video: str
    key: Key
    prediction: StoredPrediction


class Worker(Protocol):
    """Something that has the model and answers units, one after the other, in the order that it likes."""

    def begin(self) -> None:
        """Start it, with the model made; raises UserError where that cannot be.

        It is called again where `ask` raised a Lost that says so, and may wait long.
        """

    @property
    def alive(self) -> bool:
        """Whether it can be asked at once; else it starts anew when it is asked."""

    def ask(
        self,
        videos: Sequence[Sequence[Question]],
        answered: Callable[[Key, StoredPrediction], None],
        warn: Callable[[str], None],
    ) -> None:
        """Answer all questions of these videos, each by a call of `answered` as soon as it can.

        Of one that is asked one question at a time, a video's next is to be taken out when the last one is answered.
        A failure of the model is an answer with `error`. Raises Lost where the worker died, and UserError where the
        run cannot go on: a broken frame, a model that cannot be made again.
        """

    def notes(self) -> Sequence[str]:
        """What the model has to say at the end, and how often a worker died."""

    def end(self) -> None:
        """End it when nothing is asked of it; it is never asked again."""

    def kill(self) -> None:
        """End it now, also while another thread begins or asks it; that gets an exception. May be called again."""


@dataclass
class Slot:
    """One of the workers, and what it did: seconds of work since it was there first, what it works on now."""

    name: str
    device: str | None = None
    worker: Worker | None = None
    since: float | None = None
    there: bool = False
    busy: float = 0.0
    questions: int = 0
    videos: int = 0
    deaths: int = 0
    now: str | None = None
    working_since: float | None = None

    def seconds(self) -> tuple[float, float]:
        """(seconds at work, seconds since it was there)."""
        clock = perf_counter()
        going = 0.0 if self.working_since is None else clock - self.working_since
        return self.busy + going, 0.0 if self.since is None else clock - self.since


@dataclass
class Workers:
    """A model in several workers. The first has begun; the others, which `make` gives, begin when there is work.

    `can`, `asking`, `free`, `versions`, `wording` and `forced` are the model's, as the first worker says. When all was
    asked they end.
    """

    slots: Sequence[Slot]
    make: Callable[[Slot], Worker]
    can: Abilities
    asking: Mapping[str, str]
    free: frozenset[str] = frozenset()
    versions: Mapping[str, str] = field(default_factory=dict)
    at_once: int = 0
    wording: str = ""
    forced: str = ""
    _final_notes: Sequence[str] | None = None

    @property
    def devices(self) -> list[str] | None:
        """The devices of the workers, None where none was named."""
        named = [slot.device for slot in self.slots if slot.device is not None]
        return named or None

    def answers(
        self,
        benchmark: Benchmark,
        todo: Sequence[tuple[Entry, Sequence[Key]]],
        progress: Progress,
        tick: Callable[[], None] = lambda: None,
        histories: Histories | None = None,
    ) -> Generator[list[Answered], None, None]:
        """The answers to all questions of `todo` as they come; together what comes within 0.2 s of those before.

        `progress` is warned of workers that died; `tick` is called at least once a second. Raises UserError as
        `Worker.ask` does, and where questions of several videos are lost in a row. Close the iterator, or exhaust it:
        where not all is answered all workers are ended then.
        """
        waiting = UnitQueue(deque(units(todo, self.at_once, len(self.slots))))
        work = _Work(self, benchmark, waiting, histories or Histories(benchmark))
        left = sum(len(keys) for _, keys in todo)
        try:
            work.begin()
            while left:
                answered = work.some(progress, left)
                tick()
                left -= len(answered)
                if answered:
                    yield answered
        except BaseException:
            work.stop(now=True)
            raise
        work.stop()
        self._final_notes = self.notes()
        self.end()

    def notes(self) -> Sequence[str]:
        """What the workers have to say, each line once where all say the same."""
        if self._final_notes is not None:
            return self._final_notes
        notes_by_slot = [(slot.name, slot.worker.notes()) for slot in self.slots if slot.worker is not None]
        some_notes = [(name, lines) for name, lines in notes_by_slot if lines]
        same = len({tuple(lines) for _, lines in some_notes}) == 1
        return some_notes[0][1] if same else [f"worker {name}: {line}" for name, lines in some_notes for line in lines]

    def end(self) -> None:
        """End all workers, at once."""
        threads = [threading.Thread(target=slot.worker.end) for slot in self.slots if slot.worker is not None]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


class _Work:
    """A thread for each worker, which gives it units, and one place where all answers arrive."""

    def __init__(self, workers: Workers, benchmark: Benchmark, waiting: UnitQueue, histories: Histories) -> None:
        self._workers, self._benchmark, self._waiting, self._histories = workers, benchmark, waiting, histories
        self._arrived: queue.Queue[Answered | str | BaseException] = queue.Queue(MOST_WAITING)
        self._problem: BaseException | None = None
        self._handed_on = float("-inf")
        self._stopped = threading.Event()
        self._reading = threading.Lock()  # readers of benchmarks are made for one thread
        self._losses = _Losses(histories.chained)
        self._threads = [
            threading.Thread(target=self._work, args=(slot,), name=f"worker {slot.name}", daemon=True)
            for slot in workers.slots
        ]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def some(self, progress: Progress, left: int) -> list[Answered]:
        """The answers that are there, of `left` that are to come; waits a second for the first.

        Where some were handed on less than 0.2 s ago it waits until then for more; where they come slower each is
        handed on at once. Raises what ended a worker's thread, and KeyboardInterrupt, when what was answered before is
        handed on.
        """
        if self._problem is not None:
            raise self._problem
        answered: list[Answered] = []
        until = self._handed_on + GATHER_SECONDS
        try:
            arrived = self._arrived.get(timeout=1)
            while True:
                match arrived:
                    case str():
                        progress.warn(arrived)
                    case BaseException():
                        self._problem = arrived
                        break
                    case _:
                        answered.append(arrived)
                if len(answered) >= min(left, MOST_WAITING):
                    break
                arrived = self._arrived.get(timeout=max(0.0, until - perf_counter()))
        except queue.Empty:
            pass
        except KeyboardInterrupt as interrupt:
            self._problem = interrupt
        if answered:
            self._handed_on = perf_counter()
        return answered

    def stop(self, *, now: bool = False) -> None:
        """Let the threads end; `now` kills the workers that they wait for. What is not there yet is not waited for."""
        self._stopped.set()
        self._waiting.stop()
        while True:
            for slot in self._workers.slots:
                if slot.worker is not None and (now or not slot.there):
                    slot.worker.kill()
            for thread in (alive := [thread for thread in self._threads if thread.is_alive()]):
                thread.join(0.1 / len(alive))
            if not alive:
                return

    def _work(self, slot: Slot) -> None:
        try:
            if slot.worker is None:
                slot.worker = self._workers.make(slot)
                slot.worker.begin()
            slot.since, slot.there = perf_counter(), True
            while (unit := self._waiting.take(alive=slot.worker.alive)) is not None:
                try:
                    slot.there = self._ask(slot, slot.worker, unit)
                finally:
                    self._waiting.done()
                if not slot.there:
                    slot.worker.begin()
                    slot.there = True
        except BaseException as problem:
            self._hand_over(problem)

    def _ask(self, slot: Slot, worker: Worker, unit: Unit) -> bool:
        """Have a unit answered, or what of it can be, and the rest put back; gives whether the worker has its place."""
        with self._reading:
            rounds_by_video = {entry.video.id: self._rounds(entry, keys) for entry, keys in unit.videos}
        video_of = {key: video for video, questions in rounds_by_video.items() for key in questions.keys}
        left = set(video_of)

        def answered(key: Key, prediction: StoredPrediction) -> None:
            left.discard(key)
            rounds_by_video[video_of[key]].answered(key, prediction)
            slot.questions += 1
            self._losses.in_a_row.clear()
            self._hand_over(Answered(video_of[key], key, prediction))

        slot.now, slot.working_since = unit.videos[0][0].video.id, perf_counter()
        try:
            for part in self._parts(list(rounds_by_video.values())):
                _ask_part(worker, part, answered, lambda line: self._hand_over(f"worker {slot.name}: {line}"))
            slot.videos += len(unit.videos)
        except Lost as lost:
            slot.deaths += 1
            rest = unit.without(set(video_of) - left)
            if rest is not None and not self._stopped.is_set():
                self._put_back_or_give_up(rest, lost, video_of)
            return not lost.begin_again
        finally:
            slot.busy += perf_counter() - slot.working_since
            slot.now = slot.working_since = None
        return True

    def _rounds(self, entry: Entry, keys: Sequence[Key]) -> RoundsOfVideo:
        selected = set(keys)
        questions = [question for question in self._benchmark.questions(entry.video.id) if question.key in selected]
        return self._histories.of(entry.video.id, questions)

    def _parts(self, videos: Sequence[RoundsOfVideo]) -> Iterable[Sequence[Sequence[Question]]]:
        """What is asked at a time: all, but of a model that takes many together no round before the one it follows."""
        if self._workers.at_once:
            return waves(videos, chained=self._histories.chained)
        return [videos]

    def _put_back_or_give_up(self, unit: Unit, lost: Lost, video_of: Mapping[Key, str]) -> None:
        """Put back what a dead worker has left, but for what ends every worker."""
        retried, given_up, why = self._losses.after(unit, lost)
        for key in given_up:
            error, trace = traced(WorkerDied(why))
            self._hand_over(Answered(video_of[key], key, StoredPrediction("", [], None, error, trace)))
        for smaller_unit in reversed(retried):
            self._waiting.put_back(smaller_unit)

    def _hand_over(self, what: Answered | str | BaseException) -> None:
        while not self._stopped.is_set():
            try:
                self._arrived.put(what, timeout=0.5)
            except queue.Full:
                continue
            return


def _ask_part(
    worker: Worker,
    part: Sequence[Sequence[Question]],
    answered: Callable[[Key, StoredPrediction], None],
    warn: Callable[[str], None],
) -> None:
    """Have it answered; a worker that is lost at a single question is lost at that one, though it takes many."""
    try:
        worker.ask(part, answered, warn)
    except Lost as lost:
        if lost.together and sum(map(len, part)) == 1:
            lost.together, lost.key = False, part[0][0].key
        raise


class _Losses:
    """Which questions and videos ended workers, and how often."""

    def __init__(self, chained: bool) -> None:
        self.in_a_row: list[str] = []
        self._chained = chained
        self._lock = threading.Lock()
        self._deaths: dict[object, list[str]] = defaultdict(list)

    def after(self, unit: Unit, lost: Lost) -> tuple[list[Unit], list[Key], str]:
        """What is to be asked again of `unit`, what of it is given up, and why.

        Raises UserError where so much was given up in a row that nothing better is to be expected.
        """
        if lost.together and len(unit.keys) > 1:  # nobody knows which question it was
            return unit.smaller(chained=self._chained), [], ""
        video, keys = unit.videos[0]
        key = keys[0] if lost.together else lost.key
        place, given_up = (video.video.id, list(keys)) if lost.opening else ((key or keys[0]), [key or keys[0]])
        with self._lock:
            deaths = self._deaths[place, lost.opening or key is not None]
            deaths.append(lost.how)
            if len(deaths) < (MOST_TRIES if lost.opening or key is not None else MOST_TRIES_BEFORE_ANY):
                return [unit], [], ""
            times = (
                "twice" if len(deaths) == MOST_TRIES else f"{len(deaths)} times, each before it began with the question"
            )
            why = f"the worker died {times} ({'; '.join(dict.fromkeys(deaths))}); {lost.log}"
            self._check(video.video.id, why)
        rest = unit.without(set(given_up))
        return ([] if rest is None else [rest]), given_up, why

    def _check(self, video: str, why: str) -> None:
        self.in_a_row.append(video)
        if len(self.in_a_row) >= MOST_LOST_IN_A_ROW and len(set(self.in_a_row)) > 1:
            raise UserError(
                f"the model was given up: {len(self.in_a_row)} questions or videos in a row were lost; the last: "
                f"{why}. What was stored is kept; mend it and give the same command again"
            )
