"""The page's folder: the shell as it lies here, data of the runs as scripts, frames, plots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from sama_bench import __version__
from sama_bench.files.temporary import scratch
from sama_bench.leaderboard.board import Board, ScoredRun
from sama_bench.leaderboard.page import clip, dialogues, plots, tables
from sama_bench.leaderboard.page.benchmarks import Benches
from sama_bench.leaderboard.page.data_file import script
from sama_bench.leaderboard.page.index import details, index
from sama_bench.leaderboard.page.place import ASSETS, DATA, INDEX, check_free, put
from sama_bench.leaderboard.page.question_data import ReadRun, read
from sama_bench.leaderboard.page.samples import SAMPLES, Samples, choose
from sama_bench.run.predictions import StoredPrediction, fitting
from sama_bench.run.status import status_of
from sama_bench.run.store import Store
from sama_bench.types import Key, Video

REFRESH = 60  # seconds after which the page of a run that is being written is loaded again


def write_page(out: Path, boards: Sequence[Board], runs: Sequence[ScoredRun], samples: Samples = SAMPLES) -> Path:
    """Write index.html, and the folder page beside it, into the folder `out`; gives index.html.

    An earlier page is replaced, as a whole or not at all. Raises OSError, and UserError where something else has these
    names, and where a run or a frame cannot be read.
    """
    check_free(out)
    out.mkdir(parents=True, exist_ok=True)
    with scratch(out / DATA) as folder:
        _Folder(folder / DATA, boards, runs).write(samples)
        put(folder / DATA, out)
    return out / INDEX


class _Folder:
    """The folder page in the making. Its questions are those of one benchmark: that of the first run here."""

    def __init__(self, folder: Path, boards: Sequence[Board], scored: Sequence[ScoredRun]) -> None:
        self.folder, self.boards, self.scored = folder, boards, scored
        everyone = [read(run) for run in scored if run.stored]
        self.runs = [run for run in everyone if run.fingerprint == everyone[0].fingerprint]
        elsewhere = [_elsewhere(run) for run in everyone if run not in self.runs]
        away = [_away(run) for run in scored if everyone and not run.stored]
        self.states = [status_of(run.path) for run in scored if run.stored]
        self.notes = [*elsewhere, *away, *(f"{one.line()}; partial" for one in self.states if one.is_live)]

    def write(self, samples: Samples) -> None:
        self._begin()
        benches = Benches(self.runs)
        keys = benches.ordered(dict.fromkeys(key for run in self.runs for key in run.questions))
        shown_keys = [key for *_, video_keys in benches.where(choose(self.runs, samples)) for key in video_keys]
        question_index = index(self.runs, keys, benches.texts(keys), shown_keys)
        self._data("questions", question_index)
        self._details(keys, question_index["video"])
        self._clips(benches, shown_keys, {key: number for number, key in enumerate(keys)})
        left_out = dialogues.write(self.scored, self.folder, self._data)
        self._data("board", self._board([*benches.notes, *self.notes, *left_out]))

    def _begin(self) -> None:
        (self.folder / ASSETS).mkdir(parents=True)
        for file in (files("sama_bench.leaderboard.page") / ASSETS).iterdir():
            if file.name != INDEX:
                (self.folder / ASSETS / file.name).write_bytes(file.read_bytes())

    def _board(self, notes: Sequence[str]) -> dict[str, Any]:
        return {
            "version": __version__,
            "tables": tables.tables(self.boards),
            "breakdowns": {
                str(run.path): breakdown for run, breakdown in zip(self.scored, tables.parts(self.scored), strict=True)
            },
            "plots": plots.write(self.runs, self.boards, self.folder),
            "runs": [{"model": run.model, "path": str(run.path), "truth": run.sees_truth} for run in self.runs],
            "notes": list(notes),
            "states": [line for one in self.states for line in one.lines()],
            "refresh": REFRESH if any(one.is_live for one in self.states) else None,
        }

    def _details(self, keys: Sequence[Key], videos: Sequence[int]) -> None:
        """A file for each video, named after its number in the list."""
        keys_by_video: dict[int, list[Key]] = {}
        for key, video in zip(keys, videos, strict=True):
            keys_by_video.setdefault(video, []).append(key)
        for video, video_keys in keys_by_video.items():
            self._data(f"texts-{video}", details(self.runs, video_keys))

    def _clips(self, benches: Benches, shown_keys: Sequence[Key], numbers: Mapping[Key, int]) -> None:
        """A file for each question that is shown, named after its number in the list: an id may hold anything."""
        for number, (video, benchmark, keys) in enumerate(benches.where(shown_keys)):
            folder = self.folder / f"frames-{number}"
            folder.mkdir()
            questions = {question.key: question for question in benchmark.questions(video)}
            for place, content in clip.frames(questions[keys[0]].video):
                (folder / f"{place}.jpg").write_bytes(content)
            truths, answers = benchmark.truths(video), list(self._answers(questions[keys[0]].video))
            for key in keys:
                question_clip = clip.Clip(questions[key], truths[key])
                question_answers = [
                    (n, predictions.get(key), clip.verdicts(self.runs[n].judged, key)) for n, predictions in answers
                ]
                self._data(f"clip-{numbers[key]}", question_clip.to_json(f"{DATA}/frames-{number}", question_answers))

    def _answers(self, video: Video) -> Iterator[tuple[int, Mapping[Key, StoredPrediction]]]:
        for number, run in enumerate(self.runs):
            with Store.open(run.path) as store:
                answers = store.predictions(video.id)
            yield number, fitting(answers, video)

    def _data(self, name: str, value: object) -> None:
        (self.folder / f"{name}.js").write_text(script(name, value), encoding="ascii")


def _elsewhere(run: ReadRun) -> str:
    return f"{run.path} was made with another benchmark than the first run: its questions are not in the list"


def _away(run: ScoredRun) -> str:
    return f"{run.path} is not at hand here: its questions are not in the list"
