"""`python -m benchmarks.workers`: how well many workers are used, what a question costs beside the model, memory.

The model sleeps as one on a GPU would work: so 64 of them fit on two cores, and what is measured is the dispatch.
"""

from __future__ import annotations

import json
import math
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks import plugin
from sama_bench.adapter import Abilities
from sama_bench.benchmark.benchmark import Entry
from sama_bench.run.dispatch import Slot, Workers
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.progress import Silence
from sama_bench.run.runner import run
from sama_bench.run.store import Store
from sama_bench.types import Key, Question, Video
from sama_bench.worker.local_workers import local_workers

SIZE = (480, 854)


class Questions:
    """A benchmark of so many videos as far as a run asks it: 20 to 150 frames, 2 to 20 questions each, by a seed."""

    def __init__(self, videos: int, seed: int = 0) -> None:
        draw = random.Random(seed)
        self.entries = []
        for number in range(videos):
            frames = tuple(Path(f"/nowhere/{index}") for index in range(draw.randint(20, 150)))
            keys = tuple(Key("g", f"{number}-{question}") for question in range(draw.randint(2, 20)))
            self.entries.append(Entry(Video(f"v{number}", "mevis", SIZE, frames), keys))
        self._entry = {entry.video.id: entry for entry in self.entries}
        self.positions = {key: place for place, key in enumerate((key for one in self.entries for key in one.keys), 1)}

    def questions(self, video: str) -> list[Question]:
        """The questions of a video."""
        entry = self._entry[video]
        return [Question(key, entry.video, f"What is {key}?") for key in entry.keys]

    def work(self, scale: float) -> list[float]:
        """What each video takes, in seconds."""
        seconds_of: Any = plugin.read()["seconds_of"]
        return [
            scale * 0.01 * len(one.video) + sum(seconds_of(key, len(one.video), scale, 0) for key in one.keys)
            for one in self.entries
        ]


@dataclass
class Ends(Silence):
    """Notes when answers were stored."""

    last: float = 0.0

    def question_done(self, error: str | None = None) -> None:  # noqa: ARG002
        """Note the time."""
        self.last = time.perf_counter()


class Sleeping:
    """A worker in a thread of this process, which sleeps: for more of them than processes fit on the machine."""

    alive = True

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._seconds_of: Any = plugin.read()["seconds_of"]

    def begin(self) -> None:
        """Nothing to do."""

    def ask(
        self,
        videos: Sequence[Sequence[Question]],
        answered: Callable[[Key, StoredPrediction], None],
        warn: Callable[[str], None],  # noqa: ARG002
    ) -> None:
        """Sleep for each question."""
        for questions in videos:
            frames = len(questions[0].video)
            time.sleep(self._scale * 0.01 * frames)
            for question in questions:
                time.sleep(self._seconds_of(question.key, frames, self._scale, 0))
                answered(question.key, StoredPrediction(f"answer to {question.key}"))

    def notes(self) -> Sequence[str]:
        """Nothing to say."""
        return ()

    def end(self) -> None:
        """Nothing to do."""

    kill = end


def efficiency(workers: Workers, benchmark: Questions, folder: Path, scale: float) -> dict[str, float]:
    """How much of the workers' time was work, until the last answer was stored; and what of the rest is the tail."""
    work = benchmark.work(scale)
    for slot in workers.slots[1:]:  # all are there before the clock starts, as in a run of hours
        slot.worker = workers.make(slot)
        slot.worker.begin()
    ends = Ends()
    with Store.create(folder, manifest()) as store:
        begin = time.perf_counter()
        run(benchmark, workers, store, progress=ends)  # type: ignore[arg-type]
        assert len(store.all_keys()) == len(benchmark.positions)
    wall, count = ends.last - begin, len(workers.slots)
    best = max(sum(work) / count, *work)
    busy = sum(slot.busy for slot in workers.slots)
    return {
        "workers": count,
        "videos": len(work),
        "questions": len(benchmark.positions),
        "wall_s": round(wall, 2),
        "efficiency": round(sum(work) / (count * wall), 4),
        "of_the_best_possible": round(best / wall, 4),
        "idle_share": round(1 - busy / (count * wall), 4),
        "longest_video_s": round(max(work), 2),
    }


def manifest() -> Manifest:
    """A manifest of the sleeping model."""
    settings = RunSettings("sleeper", {}, "f" * 64, ["g"], None, None, {"g": "1" * 64})
    return Manifest(settings, "/nowhere", "sleep")


def processes(count: int, scale: float, folder: Path) -> Workers:
    """So many processes with the sleeping model."""
    return local_workers("sleeper", {"scale": scale}, None, folder / "worker.log", 600, False, count)


def simulated(count: int, scale: float) -> Workers:
    """So many threads that sleep."""
    slots = [Slot(str(n + 1)) for n in range(count)]
    return Workers(slots, lambda _: Sleeping(scale), Abilities(), {})


def overhead(folder: Path, videos: int) -> dict[str, float]:
    """Milliseconds a question takes beside the model, with one worker process that answers at once."""
    benchmark, ends = Questions(videos), Ends()
    workers = processes(1, 0.0, folder)
    with Store.create(folder / "run", manifest()) as store:
        begin = time.perf_counter()
        run(benchmark, workers, store, progress=ends)  # type: ignore[arg-type]
    wall = ends.last - begin
    return {
        "questions": len(benchmark.positions),
        "wall_s": round(wall, 2),
        "ms": round(1000 * wall / len(benchmark.positions), 3),
    }


def memory(folder: Path, videos: int) -> dict[str, float]:
    """Resident megabytes of the driver while eight simulated workers answer: after a tenth, and at the end."""
    benchmark = Questions(videos)
    seen: list[float] = []

    class Resident(Silence):
        """Notes the memory at every two hundredth answer."""

        count = 0

        def question_done(self, error: str | None = None) -> None:  # noqa: ARG002
            """Count it."""
            self.count += 1
            if self.count % 200 == 0:
                seen.append(resident())

    with Store.create(folder / "run", manifest()) as store:
        run(benchmark, simulated(8, 0.0), store, progress=Resident())  # type: ignore[arg-type]
    tenth = seen[max(1, len(seen) // 10)]
    return {
        "questions": len(benchmark.positions),
        "mb_after_a_tenth": round(tenth, 1),
        "mb_at_the_end": round(seen[-1], 1),
    }


def resident() -> float:
    """Resident megabytes of this process."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return math.nan


@click.command()
@click.option("--scale", default=0.05, show_default=True, help="Seconds of sleep for a second of a GPU's work.")
@click.option(
    "--videos", default=60, show_default=True, help="Videos for 2, 4 and 8 processes; 64 get ten times as many."
)
@click.option("--json", "out", type=click.Path(path_type=Path), help="Write the results to this file too.")
def main(scale: float, videos: int, out: Path | None) -> None:
    """Measure all, and print a line each."""
    results: dict[str, Any] = {}

    def told(name: str, result: dict[str, float]) -> None:
        results[name] = result
        click.echo(f"{name}: {json.dumps(result)}")

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        plugin.install(folder / "plugin")
        for count in (2, 4, 8):
            place = folder / f"processes{count}"
            place.mkdir()
            workers = processes(count, scale, place)
            told(f"{count} processes", efficiency(workers, Questions(videos), place / "run", scale))
        told("64 simulated", efficiency(simulated(64, 4 * scale), Questions(10 * videos), folder / "many", 4 * scale))
        for name, measure in (("overhead", overhead), ("memory", memory)):
            (folder / name).mkdir()
            told(name, measure(folder / name, 10 * videos if name == "memory" else videos))
    if out is not None:
        out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
