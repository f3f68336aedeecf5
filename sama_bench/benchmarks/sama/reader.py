"""SAMA-Bench's tree as the harness reads it: videos, questions with their regions, truths."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from sama_bench.benchmark.reader import Listed, Opened, Reader, open_frames
from sama_bench.benchmarks.sama.layout import SPLITS
from sama_bench.benchmarks.sama.mask_fit import misfits
from sama_bench.benchmarks.sama.question_parser import KeptQuestion
from sama_bench.benchmarks.sama.tasks import C, G
from sama_bench.benchmarks.sama.tree_reader import read_tree
from sama_bench.metrics import rle
from sama_bench.types import Key, Question, Region, TaskName, Track, Truth, Video

TASKS = {task.key: task for task in (G, C)}


def recognise(folder: Path) -> bool:
    """Whether one of the split files is there."""
    return any((folder / name).is_file() for name in SPLITS)


class SamaReader(Reader):
    """The tree at `root`. Raises UserError where it is no benchmark at all."""

    def __init__(self, root: Path) -> None:
        self._tree = read_tree(root)
        self.root = root
        self.fingerprint = self._tree.fingerprint
        self.problems = [problem.text for problem in self._tree.problems if problem.fatal]
        self.dropped = self._tree.dropped

    def listed(self) -> Iterator[Listed]:
        """All videos with their kept questions, in benchmark order."""
        for video in self._tree.videos.values():
            yield Listed(video.id, tuple(question.key for question in video.kept))

    def open(self, ids: Sequence[str]) -> Opened:
        """The videos of these ids; all of their frames are checked."""
        videos = (self._tree.videos[id_] for id_ in ids)
        return open_frames(self.root, ((video.id, video.source.name, video.folder, video.files) for video in videos))

    def questions(self, video: Video, keys: Collection[Key]) -> list[Question]:
        """Those of the video's questions, their regions in the form that their tasks prescribe.

        Raises UserError where the mask dictionary is not any more what it was.
        """
        kept = self._selected(video.id, keys)
        tracks = self._tracks(video, (name for question in kept for name in question.referents))
        boxes: dict[str, Track] = {}
        questions = []
        for question in kept:
            task, form = TASKS[question.key.task], tracks
            if task.region == "box":
                boxes |= {name: _boxes(tracks[name]) for name in question.referents if name not in boxes}
                form = boxes
            regions = tuple(Region(form[name], video.size) for name in question.referents)
            questions.append(Question(question.key, video, question.question, regions, expects=task.answer))
        return questions

    def truths(self, video: Video, keys: Collection[Key]) -> dict[Key, Truth]:
        """The truths of those questions; raises as `questions` does."""
        kept = self._selected(video.id, keys)
        described = {
            question.key: question.referents if not TASKS[question.key.task].grounds else () for question in kept
        }
        names = chain(*described.values(), *(group for question in kept for group in question.objects))
        tracks = self._tracks(video, names)
        return {
            question.key: Truth(
                question.key,
                video.id,
                question.answer,
                tuple(rle.union([tracks[name] for name in group]) if group else None for group in question.objects),
                tuple(tracks[name] for name in described[question.key]),
                things=tuple(group[0] if len(group) == 1 else "" for group in question.objects),
            )
            for question in kept
        }

    def wordings(self, video_id: str, keys: Collection[Key]) -> dict[Key, tuple[str, str]]:
        """Question and reference answer of each of those questions, as texts; no mask is read."""
        return {question.key: (question.question, question.answer) for question in self._selected(video_id, keys)}

    def references(self, task: TaskName) -> list[str]:
        """The reference texts of all questions of a task."""
        return [
            question.answer
            for video in self._tree.videos.values()
            for question in video.kept
            if question.key.task == task
        ]

    def misfits(self, videos: Mapping[str, tuple[int, int]]) -> list[str]:
        """A line for each true track that does not fit its video, as `bench check` tells it."""
        return [problem.text for problem in misfits(self._tree, videos)]

    def _selected(self, video_id: str, keys: Collection[Key]) -> list[KeptQuestion]:
        return [question for question in self._tree.videos[video_id].kept if question.key in keys]

    def _tracks(self, video: Video, names: Iterable[str]) -> Mapping[str, Track]:
        needed = set(names)
        return self._tree.masks[video.source].tracks(needed, len(video), video.size) if needed else {}


def _boxes(track: Track) -> list[rle.RLE | None]:
    return [None if mask is None else rle.filled_box(mask) for mask in track]
