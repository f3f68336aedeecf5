"""A benchmark, opened: the selected questions, the truth, and what defines both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path, PurePosixPath

from sama_bench.benchmark.address import Address, resolve
from sama_bench.benchmark.installed import load_task
from sama_bench.benchmark.reader import Dropped, LabelPlace, Listed, Place, Reader
from sama_bench.benchmark.shards import Shard, shared_out
from sama_bench.errors import UserError
from sama_bench.types import Expression, Key, Question, TaskName, Truth, Video

NEAREST = 5


@dataclass(frozen=True, eq=False)
class Entry:
    """A video and the keys of its selected questions, in order."""

    video: Video
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Selection:
    """What `open_benchmark` was asked for beside the tasks; `root` is an address that leads there from anywhere."""

    root: str
    videos: str | None = None
    limit: int | None = None
    shard: str | None = None


class Benchmark:
    """The selected questions of a benchmark. Made by `open_benchmark`, which has checked what they need.

    Iterating gives its questions, video by video in benchmark order, each with its regions read; `len` counts them.

    `fingerprint` is a SHA-256 of what defines questions and truth (the contents of split files and mask
    dictionaries): the same for a copy elsewhere, and whatever was selected. `entries` are the videos with
    a selected question, in benchmark order; `where` names the video of each selected key; `dropped` is
    what of the whole benchmark makes no question, `without_truth` says of tasks why they are not scored, `left_out` of
    videos why they are not asked about. `selection` says how to select the same again, None where that cannot be said
    (`only`). `words_for` makes the text of a question of its expression, in the place of the benchmark's own words.
    """

    def __init__(
        self,
        name: str,
        reader: Reader,
        tasks: Sequence[TaskName],
        entries: Iterable[Entry],
        selection: Selection | None = None,
        words_for: Callable[[Expression], str] | None = None,
    ) -> None:
        self.root = reader.root
        self.name = name
        self.fingerprint = reader.fingerprint
        self.tasks = tuple(tasks)
        self.entries = tuple(entries)
        self.dropped: Sequence[Dropped] = reader.dropped
        self.without_truth: Mapping[TaskName, str] = dict(reader.without_truth)
        self.left_out: Mapping[str, str] = dict(reader.left_out)
        self.where: Mapping[Key, str] = {key: entry.video.id for entry in self.entries for key in entry.keys}
        self.selection = selection
        self._reader = reader
        self._words_for = words_for
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
        entry = self._entry[video_id]
        return [self._worded(question) for question in self._reader.questions(entry.video, set(entry.keys))]

    def truths(self, video_id: str) -> dict[Key, Truth]:
        """Return the truth of a video's selected questions; raises as `questions` does."""
        entry = self._entry[video_id]
        return self._reader.truths(entry.video, set(entry.keys))

    def kept(self, video_id: str) -> tuple[Key, ...]:
        """Return all questions of a video that the benchmark's selected tasks have, in order, selected or not."""
        return tuple(key for key in self._kept.get(video_id, ()) if key.task in self.tasks)

    def kept_questions(self, video_id: str) -> list[Question]:
        """Return these questions with their regions, of a video that has a selected one; raises as `questions` does."""
        kept = self._reader.questions(self._entry[video_id].video, set(self.kept(video_id)))
        return [self._worded(question) for question in kept]

    def kept_truths(self, video_id: str) -> dict[Key, Truth]:
        """Return the truth of these questions; raises as `questions` does."""
        return self._reader.truths(self._entry[video_id].video, set(self.kept(video_id)))

    @cached_property
    def _kept(self) -> dict[str, tuple[Key, ...]]:
        return {listed.id: listed.keys for listed in self._reader.listed()}

    def wordings(self, video_id: str) -> dict[Key, tuple[str, str]]:
        """Return question and reference answer of each selected question of a video, as texts; no mask is read."""
        return self._reader.wordings(video_id, set(self._entry[video_id].keys))

    def places(self, video_id: str) -> dict[Key, Place]:
        """Where answers to the selected questions of a video stand in a tree of masks; nowhere without such a form."""
        return self._reader.places(video_id, set(self._entry[video_id].keys))

    def label_places(self, video_id: str) -> dict[Key, LabelPlace]:
        """Where those answers stand in label images; nowhere without such a form."""
        return self._reader.label_places(video_id, set(self._entry[video_id].keys))

    def worded(self, words_for: Callable[[Expression], str]) -> Benchmark:
        """Return the same benchmark whose questions for an expression are what `words_for` makes of that."""
        return Benchmark(self.name, self._reader, self.tasks, self.entries, self.selection, words_for)

    def _worded(self, question: Question) -> Question:
        if self._words_for is None or question.expression is None:
            return question
        return replace(question, text=self._words_for(question.expression))

    def only(self, keys: Collection[Key]) -> Benchmark:
        """Return the same benchmark with no other questions selected than `keys` of them."""
        left = (Entry(entry.video, tuple(key for key in entry.keys if key in keys)) for entry in self.entries)
        tasks = [task for task in self.tasks if any(key.task == task for key in keys)]
        return Benchmark(
            self.name, self._reader, tasks, (entry for entry in left if entry.keys), words_for=self._words_for
        )

    def shard(self, part: Shard) -> Benchmark:
        """Return the same benchmark with only the videos of one shard of the selection.

        Raises UserError where the shard has none, as there are fewer videos than shards.
        """
        chosen = shared_out([(entry.video, entry.keys) for entry in self.entries], part.count)[part.number - 1]
        if not chosen:
            videos = len(self.entries)
            raise UserError(f"--shard {part}: holds no video, as {videos} are selected; expected COUNT to be {videos}")
        selection = None if self.selection is None else replace(self.selection, shard=str(part))
        return Benchmark(self.name, self._reader, self.tasks, [self.entries[number] for number in chosen], selection)

    def selected(self, tasks: Sequence[TaskName], videos: str | None, limit: int | None) -> set[Key]:
        """Return the questions of the whole benchmark that `open_benchmark` would select by these."""
        return {key for listed in _select(self._reader.listed(), tasks, videos, limit) for key in listed.keys}

    @cached_property
    def positions(self) -> Mapping[Key, int]:
        """The place of each question of the whole benchmark in its order, from 1, whatever is selected."""
        keys = (key for listed in self._reader.listed() for key in listed.keys)
        return {key: place for place, key in enumerate(keys, 1)}

    def has(self, key: Key) -> bool:
        """Whether it is a question of the whole benchmark, selected or not."""
        return key in self.positions

    def misfits(self) -> list[str]:
        """A line for each true track of the selected videos that does not fit its video, as `bench check` tells it."""
        sizes = {entry.video.id: entry.video.size for entry in self.entries}
        return self._reader.misfits(sizes)

    def references(self, task: TaskName) -> list[str]:
        """Return the reference texts of all questions of a task in the whole benchmark, whatever was selected."""
        return self._reader.references(task)

    def counts(self, task: TaskName) -> tuple[int, int]:
        """Return how many questions of a task are selected, and of how many videos."""
        per_video = [sum(key.task == task for key in entry.keys) for entry in self.entries]
        return sum(per_video), sum(map(bool, per_video))


def open_benchmark(
    root: str | Path,
    *,
    tasks: Sequence[TaskName] | None = None,
    videos: str | None = None,
    limit: int | None = None,
    shard: Shard | None = None,
) -> Benchmark:
    """Open a benchmark and select questions.

    `root` is its address: the name of one that brings its data ("demo"), `NAME:FOLDER`, or a folder alone. `tasks` are
    all but those `on_request` where none is named; `videos` is a glob on the videos' ids or the last parts of them;
    `limit` the first N questions of each task in benchmark order; of all these a `shard` has a part, whole videos. All
    that defines the benchmark and the frames of the selected videos are checked: raises UserError with everything that
    is wrong, or where nothing is selected.
    """
    address = resolve(root)
    task_keys = _tasks(address, tasks)
    reader = address.definition.read(address.folder)
    selected = _select(reader.listed(), task_keys, videos, limit)
    opened = reader.open([listed.id for listed in selected])
    if reader.problems or opened.problems:
        raise UserError([*reader.problems, *opened.problems])
    if not opened.videos:
        matching = f" of videos that match {videos}" if videos is not None else ""
        raise UserError(f"{address.folder}: no question{matching} in {', '.join(task_keys)} is selected; select others")
    keys = {listed.id: listed.keys for listed in selected}
    entries = (Entry(video, keys[video.id]) for video in opened.videos)
    benchmark = Benchmark(address.name, reader, task_keys, entries, Selection(str(address), videos, limit))
    return benchmark if shard is None else benchmark.shard(shard)


def _tasks(address: Address, tasks: Sequence[TaskName] | None) -> list[TaskName]:
    """The named tasks in the benchmark's order. Raises UserError for each that it does not have."""
    known = address.definition.task_keys
    if tasks is None:
        return [task.key for task in address.definition.tasks if not task.on_request]
    if unknown := [task for task in tasks if task not in known]:
        raise UserError(f"{address}: has no task {task}, expected {' or '.join(known)}" for task in unknown)
    return list(tasks)


def _select(listed: Iterable[Listed], tasks: Sequence[TaskName], videos: str | None, limit: int | None) -> list[Listed]:
    """The selected videos, each with the keys of its selected questions."""
    left: dict[str, int | None] = dict.fromkeys(tasks, limit)
    selected = []
    for video in listed:
        keys = []
        for key in video.keys if _matches(video.id, videos) else ():
            room = left.get(key.task, 0)
            if room is None or room > 0:
                keys.append(key)
                left[key.task] = None if room is None else room - 1
        if keys:
            selected.append(Listed(video.id, tuple(keys)))
    return selected


def _matches(video: str, pattern: str | None) -> bool:
    return pattern is None or fnmatchcase(video, pattern) or fnmatchcase(PurePosixPath(video).name, pattern)
