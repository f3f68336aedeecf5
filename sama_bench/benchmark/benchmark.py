"""A benchmark, opened: the selected questions, the truth, and what defines both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import chain
from pathlib import Path, PurePosixPath

from sama_bench.benchmark.frame_index import FrameIndex
from sama_bench.benchmark.mask_fit import misfits
from sama_bench.benchmark.problems import Problem
from sama_bench.benchmark.rounds import Asked
from sama_bench.benchmark.survey import Listed, Survey, survey
from sama_bench.errors import UserError
from sama_bench.metrics import rle
from sama_bench.task import load_task
from sama_bench.types import TASKS, Key, Question, Region, TaskName, Track, Truth, Video

DEMO = "demo"
NEAREST = 5


@dataclass(frozen=True, eq=False)
class Entry:
    """A video and the keys of its selected questions, in order."""

    video: Video
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Selection:
    """What `open_benchmark` was asked for beside the tasks; `root` is "demo" or an absolute path."""

    root: str
    videos: str | None = None
    limit: int | None = None


class Benchmark:
    """The selected questions of a tree. Made by `open_benchmark`, which has checked what they need.

    Iterating gives its questions, video by video in benchmark order, each with its regions read; `len` counts them.

    `fingerprint` is a SHA-256 of what defines questions and truth (the contents of split files and mask
    dictionaries): the same for a copy elsewhere, and whatever was selected. `entries` are the videos with
    a selected question, in benchmark order; `where` names the video of each selected key; `dropped` is
    what of the whole benchmark makes no question. `selection` says how to select the same again, None where that
    cannot be said (`only`).
    """

    def __init__(
        self,
        name: str,
        found: Survey,
        tasks: Sequence[TaskName],
        entries: Iterable[Entry],
        selection: Selection | None = None,
    ) -> None:
        self.root = found.root
        self.name = name
        self.fingerprint = found.fingerprint
        self.tasks = tuple(tasks)
        self.entries = tuple(entries)
        self.dropped = found.dropped
        self.where: Mapping[Key, str] = {key: entry.video.id for entry in self.entries for key in entry.keys}
        self.selection = selection
        self._found = found
        self._last_truths: tuple[str, dict[Key, Truth]] = ("", {})

    def __len__(self) -> int:
        return len(self.where)

    def __iter__(self) -> Iterator[Question]:
        for entry in self.entries:
            yield from self.questions(entry.video.id)

    def __repr__(self) -> str:
        return f"<benchmark {self.name}: {len(self)} questions of {len(self.entries)} videos>"

    def _repr_html_(self) -> str:
        """How a notebook shows it: the questions and videos of each task."""
        from sama_bench.notebook import table

        rows = [(load_task(task).alias, *map(str, self.counts(task))) for task in self.tasks]
        return table(("task", "questions", "videos"), rows, f"benchmark {self.name}")

    @property
    def videos(self) -> tuple[Video, ...]:
        """The videos that have a selected question, in benchmark order."""
        return tuple(entry.video for entry in self.entries)

    def key(self, named: str | Key) -> Key:
        """The key of a selected question by its name, such as "g:17", or by itself.

        Raises UserError with the nearest names where there is none.
        """
        if isinstance(named, Key) and named in self.where:
            return named
        keys = {str(key): key for key in self.where}
        name = str(named)
        if name in keys:
            return keys[name]
        near = [key for key in keys if key.partition(":")[2] == name] or get_close_matches(name, keys, NEAREST, 0)
        raise UserError(f"{self.name} has no question {name!r} (TASK:ID, as g:17); nearest: {', '.join(near)}")

    def question(self, named: str | Key) -> Question:
        """One selected question, by its key or name; raises as `key` and `questions` do."""
        key = self.key(named)
        return next(question for question in self.questions(self.where[key]) if question.key == key)

    def truth(self, named: str | Key) -> Truth:
        """The truth of one selected question, by its key or name; raises as `key` and `truths` do."""
        key = self.key(named)
        video = self.where[key]
        if self._last_truths[0] != video:  # one after the other, all questions of a video read its masks once
            self._last_truths = (video, self.truths(video))
        return self._last_truths[1][key]

    @cached_property
    def _entry(self) -> dict[str, Entry]:
        return {entry.video.id: entry for entry in self.entries}

    def questions(self, video_id: str) -> list[Question]:
        """Return the selected questions of a video, their regions read now, in the form that their tasks prescribe.

        Raises UserError where the mask dictionary is not any more what it was, KeyError where the video
        is not among the entries.
        """
        video = self._entry[video_id].video
        asked = self._asked(video_id)
        tracks = self._tracks(video, (name for one in asked for name in one.referents))
        boxes: dict[str, Track] = {}
        questions = []
        for one in asked:
            form = tracks
            if load_task(one.key.task).region == "box":
                boxes |= {name: _boxes(tracks[name]) for name in one.referents if name not in boxes}
                form = boxes
            regions = tuple(Region(form[name], video.size) for name in one.referents)
            questions.append(Question(one.key, video, one.question, regions))
        return questions

    def truths(self, video_id: str) -> dict[Key, Truth]:
        """Return the truth of a video's selected questions; raises as `questions` does."""
        video = self._entry[video_id].video
        asked = self._asked(video_id)
        described = {one.key: one.referents if one.key.task == "c" else () for one in asked}
        names = chain(*described.values(), *(group for one in asked for group in one.objects))
        tracks = self._tracks(video, names)
        return {
            one.key: Truth(
                one.key,
                video_id,
                one.answer,
                tuple(rle.union([tracks[name] for name in group]) if group else None for group in one.objects),
                tuple(tracks[name] for name in described[one.key]),
            )
            for one in asked
        }

    def wordings(self, video_id: str) -> dict[Key, tuple[str, str]]:
        """Return question and reference answer of each selected question of a video, as texts; no mask is read."""
        return {one.key: (one.question, one.answer) for one in self._asked(video_id)}

    def only(self, keys: Collection[Key]) -> Benchmark:
        """Return the same benchmark with no other questions selected than `keys` of them."""
        left = (Entry(one.video, tuple(key for key in one.keys if key in keys)) for one in self.entries)
        tasks = [task for task in self.tasks if any(key.task == task for key in keys)]
        return Benchmark(self.name, self._found, tasks, (one for one in left if one.keys))

    def has(self, key: Key) -> bool:
        """Whether it is a question of the whole benchmark, selected or not."""
        return key in self._whole

    def misfits(self) -> list[str]:
        """A line for each true track of the selected videos that does not fit its video, as `bench check` tells it."""
        sizes = {entry.video.id: entry.video.size for entry in self.entries}
        return [problem.text for problem in misfits(self._found, sizes)]

    @cached_property
    def _whole(self) -> set[Key]:
        return {asked.key for video in self._found.videos.values() for asked in video.asked}

    def references(self, task: TaskName) -> list[str]:
        """Return the reference texts of all questions of a task in the whole benchmark, whatever was selected."""
        return [one.answer for video in self._found.videos.values() for one in video.asked if one.key.task == task]

    def counts(self, task: TaskName) -> tuple[int, int]:
        """Return how many questions of a task are selected, and of how many videos."""
        per_video = [sum(key.task == task for key in entry.keys) for entry in self.entries]
        return sum(per_video), sum(map(bool, per_video))

    def _asked(self, video_id: str) -> list[Asked]:
        keys = set(self._entry[video_id].keys)
        return [one for one in self._found.videos[video_id].asked if one.key in keys]

    def _tracks(self, video: Video, names: Iterable[str]) -> Mapping[str, Track]:
        needed = set(names)
        return self._found.masks[video.source].tracks(needed, len(video), video.size) if needed else {}


def open_benchmark(
    root: str | Path,
    *,
    tasks: Sequence[TaskName] = TASKS,
    videos: str | None = None,
    limit: int | None = None,
) -> Benchmark:
    """Open the tree at `root` ("demo": the embedded one) and select questions.

    `videos` is a glob on the videos' ids or the last parts of them; `limit` the first N questions of each
    task in benchmark order. All of the split files and mask dictionaries and the frames of the selected
    videos are checked: raises UserError with everything that is wrong, or where nothing is selected.
    """
    folder = locate(root)
    found = survey(folder)
    problems = [problem for problem in found.problems if problem.fatal]
    selected = _select(found, tasks, videos, limit)
    entries, broken = _probe(found, selected)
    if problems or broken:
        raise UserError([problem.text for problem in (*problems, *broken)])
    if not entries:
        matching = f" of videos that match {videos}" if videos is not None else ""
        raise UserError(f"{folder}: no question{matching} in {', '.join(tasks)} is selected; select others")
    name = DEMO if str(root) == DEMO else folder.resolve().name
    address = DEMO if str(root) == DEMO else str(folder.resolve())
    return Benchmark(name, found, tasks, entries, Selection(address, videos, limit))


def locate(root: str | Path) -> Path:
    """Return the folder that `root` names: "demo" is the embedded benchmark, which is rendered where needed."""
    if str(root) != DEMO:
        return Path(root)
    from sama_bench.demo import demo_root

    return demo_root()


def _select(
    found: Survey, tasks: Sequence[TaskName], videos: str | None, limit: int | None
) -> list[tuple[Listed, list[Key]]]:
    """The selected videos, each with the keys of its selected questions."""
    left: dict[str, int | None] = dict.fromkeys(tasks, limit)
    selected = []
    for video in found.videos.values():
        keys = []
        for asked in video.asked if _matches(video.id, videos) else ():
            task = asked.key.task
            room = left.get(task, 0)
            if room is None or room > 0:
                keys.append(asked.key)
                left[task] = None if room is None else room - 1
        if keys:
            selected.append((video, keys))
    return selected


def _matches(video: str, pattern: str | None) -> bool:
    return pattern is None or fnmatchcase(video, pattern) or fnmatchcase(PurePosixPath(video).name, pattern)


def _probe(found: Survey, selected: Iterable[tuple[Listed, list[Key]]]) -> tuple[list[Entry], list[Problem]]:
    """The selected videos with the size of their frames, and what is wrong with their frames."""
    frames = FrameIndex(found.root)
    entries: list[Entry] = []
    problems: list[Problem] = []
    for listed, keys in selected:
        probe = frames.probe(listed.folder, listed.files, listed.source.name)
        problems += probe.problems
        if probe.size is not None:
            folder = found.root / listed.folder
            paths = tuple(folder / file for file in listed.files)
            entries.append(Entry(Video(listed.id, listed.source.name, probe.size, paths), tuple(keys)))
    frames.save()
    return entries, problems


def _boxes(track: Track) -> list[rle.RLE | None]:
    return [None if one is None else rle.filled_box(one) for one in track]
