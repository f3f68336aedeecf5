"""The page's folder: the shell as it lies here, data of the runs as scripts, frames, plots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from sama_bench import __version__
from sama_bench.benchmark.installed import load_task
from sama_bench.files.temporary import scratch
from sama_bench.leaderboard.board import Board, ScoredRun
from sama_bench.leaderboard.page import clip, dialogues, plots, tables
from sama_bench.leaderboard.page.benchmarks import Benches
from sama_bench.leaderboard.page.data_file import script
from sama_bench.leaderboard.page.groups import SHORT, Group, groups, run_names
from sama_bench.leaderboard.page.index import details, index
from sama_bench.leaderboard.page.place import ASSETS, DATA, INDEX, TITLE, check_free, put, shell
from sama_bench.leaderboard.page.question_data import ReadRun, read
from sama_bench.leaderboard.page.samples import SAMPLES, Samples, choose
from sama_bench.run.predictions import StoredPrediction, fitting
from sama_bench.run.status import status_of
from sama_bench.run.store import Store
from sama_bench.types import Key, Video

REFRESH = 60  # seconds after which the page of a run that is being written is loaded again


def write_page(
    out: Path,
    boards: Sequence[Board],
    runs: Sequence[ScoredRun],
    samples: Samples = SAMPLES,
    site_title: str | None = None,
) -> Path:
    """Write index.html, and the folder page beside it, into the folder `out`; gives index.html.

    With a `site_title` it is a page for the public: it has that title, and no hints for who makes it. Of each benchmark
    `samples` questions have their frames.

    An earlier page is replaced, as a whole or not at all. Raises OSError, and UserError where something else has these
    names, and where a run or a frame cannot be read.
    """
    check_free(out)
    out.mkdir(parents=True, exist_ok=True)
    with scratch(out / DATA) as folder:
        _Folder(folder / DATA, boards, runs, public=site_title is not None).write(samples)
        put(folder / DATA, out, shell(TITLE if site_title is None else site_title))
    return out / INDEX


@dataclass(frozen=True)
class _Listing:
    """The questions of one benchmark in their order, and those of them that are shown with frames."""

    group: Group
    benches: Benches
    keys: Sequence[Key]
    shown_keys: Sequence[Key]


class _Folder:
    """The folder page in the making."""

    def __init__(self, folder: Path, boards: Sequence[Board], scored: Sequence[ScoredRun], *, public: bool) -> None:
        self.folder, self.boards, self.scored, self.public = folder, boards, scored, public
        self.runs = [read(run) for run in scored if run.stored]
        self.groups = groups(self.runs)
        away = [_away(run) for run in scored if self.runs and not run.stored]
        self.states = [status_of(run.path) for run in scored if run.stored]
        self.notes = [*away, *(f"{state.line()}; partial" for state in self.states if state.is_live)]

    def write(self, samples: Samples) -> None:
        self._begin()
        listings = [_listing(group, samples) for group in self.groups]
        videos = sum(len(listing.benches.where(listing.shown_keys)) for listing in listings)
        for listing in listings:
            group, keys = listing.group, listing.keys
            question_index = index(group.runs, keys, listing.benches.texts(keys), listing.shown_keys)
            self._data(f"{group.prefix}questions", question_index)
            self._details(group, keys, question_index["video"])
            self._clips(listing, {key: number for number, key in enumerate(keys)}, videos)
        left_out = dialogues.write(self.scored, self.folder, self._data)
        notes = [note for listing in listings for note in listing.benches.notes]
        self._data("board", self._board([*notes, *self.notes, *left_out]))

    def _begin(self) -> None:
        (self.folder / ASSETS).mkdir(parents=True)
        for file in (files("sama_bench.leaderboard.page") / ASSETS).iterdir():
            if file.name != INDEX:
                (self.folder / ASSETS / file.name).write_bytes(file.read_bytes())

    def _board(self, notes: Sequence[str]) -> dict[str, Any]:
        states = [] if self.public else [line for state in self.states for line in state.lines()]
        return {
            "version": __version__,
            "public": self.public,
            "benches": self._benches(),
            "breakdowns": {
                str(run.path): breakdown for run, breakdown in zip(self.scored, tables.parts(self.scored), strict=True)
            },
            "notes": [] if self.public else list(notes),
            "states": states,
            "refresh": REFRESH if any(state.is_live for state in self.states) else None,
        }

    def _benches(self) -> list[dict[str, Any]]:
        """The benchmarks, a tab each: those of the runs with questions in their order, then those of tables alone."""
        sheets = tables.sheets(self.boards)
        by_bench: dict[str, list[tables.Sheet]] = {group.fingerprint[:SHORT]: [] for group in self.groups}
        groups_by_bench = dict(zip(by_bench, self.groups, strict=True))
        places = {str(run.path): bench for bench, group in groups_by_bench.items() for run in group.runs}
        for sheet in sheets:
            by_bench.setdefault(_bench(sheet, sheets, places), []).append(sheet)
        benches = [
            self._bench(number, own_sheets, groups_by_bench.get(bench))
            for number, (bench, own_sheets) in enumerate(by_bench.items())
        ]
        labels = [bench["label"] for bench in benches]
        for bench, digits in zip(benches, by_bench, strict=True):
            bench["label"] += f" {digits}" if labels.count(bench["label"]) > 1 and digits else ""
        return benches

    def _bench(self, number: int, sheets: Sequence[tables.Sheet], group: Group | None) -> dict[str, Any]:
        runs = [] if group is None else group.runs
        kin = {sheet.main.task: [other for other in sheets if other.main.task == sheet.main.task] for sheet in sheets}
        boards = [board for sheet in sheets for board in sheet.boards]
        return {
            "label": sheets[0].label if group is None else group.label,
            "prefix": None if group is None else group.prefix,
            "tasks": _tasks(sheets, runs),
            "tables": [tables.table(sheet, kin[sheet.main.task], public=self.public) for sheet in sheets],
            "plots": plots.write(runs, boards, self.folder, f"bench{number}-" if number else ""),
            "runs": [
                {"model": run.model, "path": str(run.path), "truth": run.sees_truth, "name": name}
                for run, name in zip(runs, run_names([str(run.path) for run in runs]), strict=True)
            ],
        }

    def _details(self, group: Group, keys: Sequence[Key], videos: Sequence[int]) -> None:
        """A file for each video, named after its number in the list."""
        keys_by_video: dict[int, list[Key]] = {}
        for key, video in zip(keys, videos, strict=True):
            keys_by_video.setdefault(video, []).append(key)
        for video, video_keys in keys_by_video.items():
            self._data(f"{group.prefix}texts-{video}", details(group.runs, video_keys))

    def _clips(self, listing: _Listing, numbers: Mapping[Key, int], videos: int) -> None:
        """Files for each question that is shown, named after its number in the list: an id may hold anything.

        `videos` is the number of videos with frames on the whole page, which bounds how many of these are sharp.
        """
        prefix, runs = listing.group.prefix, listing.group.runs
        for number, (video, benchmark, keys) in enumerate(listing.benches.where(listing.shown_keys)):
            questions = {question.key: question for question in benchmark.questions(video)}
            opened = questions[keys[0]].video
            sharp = clip.sharp_indices(opened, videos)
            small_folder, sharp_folder = f"{prefix}frames-{number}", f"{prefix}sharp-{number}"
            self._frames(opened, small_folder, sharp_folder, sharp)
            truths, answers = benchmark.truths(video), list(_answers(listing.group, opened))
            for key in keys:
                question_clip = clip.Clip(questions[key], truths[key])
                question_answers = [
                    (n, predictions.get(key), clip.verdicts(runs[n].judged, key)) for n, predictions in answers
                ]
                content = question_clip.to_json(f"{DATA}/{small_folder}", question_answers)
                self._data(f"{prefix}clip-{numbers[key]}", {**content, "sharp": bool(sharp)})
                if sharp:
                    self._data(f"{prefix}masks-{numbers[key]}", question_clip.sharp(f"{DATA}/{sharp_folder}", sharp))

    def _frames(self, video: Video, small_folder: str, sharp_folder: str, sharp: Sequence[int]) -> None:
        for name in (small_folder, sharp_folder)[: 2 if sharp else 1]:
            (self.folder / name).mkdir()
        for frame in clip.frames(video, sharp):
            (self.folder / small_folder / f"{frame.place}.jpg").write_bytes(frame.small)
            if frame.sharp is not None:
                (self.folder / sharp_folder / f"{frame.place}.jpg").write_bytes(frame.sharp)

    def _data(self, name: str, value: object) -> None:
        (self.folder / f"{name}.js").write_text(script(name, value), encoding="ascii")


def _listing(group: Group, samples: Samples) -> _Listing:
    benches = Benches(group.runs)
    keys = benches.ordered(dict.fromkeys(key for run in group.runs for key in run.questions))
    shown_keys = [key for *_, video_keys in benches.where(choose(group.runs, samples)) for key in video_keys]
    return _Listing(group, benches, keys, shown_keys)


def _answers(group: Group, video: Video) -> Iterator[tuple[int, Mapping[Key, StoredPrediction]]]:
    for number, run in enumerate(group.runs):
        with Store.open(run.path) as store:
            answers = store.predictions(video.id)
        yield number, fitting(answers, video)


def _tasks(sheets: Sequence[tables.Sheet], runs: Sequence[ReadRun]) -> list[dict[str, Any]]:
    """The tasks of a benchmark that have a table or questions here."""
    asked = dict.fromkeys(key.task for run in runs for key in run.questions)
    titles = {sheet.main.task: sheet.title for sheet in sheets}
    titles |= {task: load_task(task).alias for task in asked if task not in titles}
    return [{"key": task, "title": title, "asked": task in asked} for task, title in titles.items()]


def _bench(sheet: tables.Sheet, sheets: Sequence[tables.Sheet], places: Mapping[str, str]) -> str:
    """The benchmark that a sheet belongs to: that of its runs by their `places`, else that of its signature.

    Numbers of others alone stand with the first sheet of their task.
    """
    measured = [sheet, *(other for other in sheets if other.main.task == sheet.main.task)]
    owner = next((other for other in measured if other.main.rows), sheet)
    return next((places[row.run] for row in owner.main.rows if row.run in places), owner.bench)


def _away(run: ScoredRun) -> str:
    return f"{run.path} is not at hand here: its questions are not in the list"
