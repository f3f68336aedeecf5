"""The benchmarks that runs were made with, as far as they are still where they were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sama_bench.errors import UserError
from sama_bench.leaderboard.page.question_data import ReadRun
from sama_bench.run.store import Store
from sama_bench.types import Key

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark


class Benches:
    """The selections of one benchmark that the runs were asked, one after another; `notes` say what is not there."""

    def __init__(self, runs: Iterable[ReadRun]) -> None:
        self.notes: list[str] = []
        self._opened: dict[tuple[object, ...], Benchmark] = {}
        failed: set[tuple[object, ...]] = set()
        for run in runs:
            with Store.open(run.path) as store:
                settings = store.settings
                selection = (
                    store.manifest.bench,
                    tuple(settings.tasks),
                    settings.videos,
                    settings.limit,
                    settings.shard,
                )
                if selection in self._opened or selection in failed:
                    continue
                try:
                    self._opened[selection] = store.open_benchmark()
                except UserError as problem:
                    failed.add(selection)
                    self.notes.append(f"Without frames and masks: {problem.lines(1)[0]}")

    def ordered(self, keys: Iterable[Key]) -> list[Key]:
        """The keys in the order of the benchmark, those that are nowhere at the end."""
        places: dict[Key, int] = {}
        for benchmark in self._opened.values():
            for key in (key for entry in benchmark.entries for key in entry.keys):
                places.setdefault(key, len(places))
        return sorted(keys, key=lambda key: places.get(key, len(places)))

    def where(self, keys: Iterable[Key]) -> list[tuple[str, Benchmark, list[Key]]]:
        """Those of the keys that are there: a video, a selection, and the keys of the video that this has."""
        keys_by_video: dict[tuple[int, str], list[Key]] = {}
        opened = list(self._opened.values())
        for key in keys:
            number = next((n for n, benchmark in enumerate(opened) if key in benchmark.where), None)
            if number is not None:
                keys_by_video.setdefault((number, opened[number].where[key]), []).append(key)
        return [(video, opened[number], video_keys) for (number, video), video_keys in keys_by_video.items()]

    def texts(self, keys: Iterable[Key]) -> Mapping[Key, str]:
        """The questions as they are written, of those keys that are there."""
        texts: dict[Key, str] = {}
        for video, benchmark, video_keys in self.where(keys):
            wordings = benchmark.wordings(video)
            texts |= {key: wordings[key][0] for key in video_keys}
        return texts
