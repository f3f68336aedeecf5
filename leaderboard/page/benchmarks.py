"""The benchmarks that runs were made with, as far as they are still where they were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sama_bench.errors import UserError
from sama_bench.leaderboard.page.question_data import ReadRun
from sama_bench.prompting.expression_prompts import ExpressionPrompt, of_run
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
        prompts: dict[tuple[object, ...], dict[str, ExpressionPrompt | None]] = {}
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
                prompt = of_run(store.asking)
                prompts.setdefault(selection, {})["" if prompt is None else prompt.digest] = prompt
                if selection in self._opened or selection in failed:
                    continue
                try:
                    self._opened[selection] = store.open_benchmark()
                except UserError as problem:
                    failed.add(selection)
                    self.notes.append(f"Without frames and masks: {problem.lines(1)[0]}")
        self._worded = {selection for selection in self._opened if self._word(selection, prompts[selection])}

    def _word(self, selection: tuple[object, ...], prompts: dict[str, ExpressionPrompt | None]) -> bool:
        """Whether the questions are put in the words that all runs were asked in, which are not the benchmark's own."""
        if len(prompts) > 1:
            self.notes.append("Runs were asked in different words: questions are shown in the benchmark's own.")
        prompt = next(iter(prompts.values())) if len(prompts) == 1 else None
        if prompt is not None:
            self._opened[selection] = self._opened[selection].worded(prompt.question_for)
        return prompt is not None

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
        """The questions as they are asked, of those keys that are there."""
        texts: dict[Key, str] = {}
        worded = [self._opened[selection] for selection in self._worded]
        for video, benchmark, video_keys in self.where(keys):
            if benchmark in worded:
                asked = {question.key: question.text for question in benchmark.questions(video)}
                texts |= {key: asked[key] for key in video_keys}
                continue
            wordings = benchmark.wordings(video)
            texts |= {key: wordings[key][0] for key in video_keys}
        return texts
