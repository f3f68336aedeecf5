"""What a benchmark's package writes: a reader of its data, which gives videos, questions and truths."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from sama_bench.benchmark.frame_index import FrameIndex
from sama_bench.errors import UserError
from sama_bench.types import Key, Question, TaskName, Truth, Video


@dataclass(frozen=True)
class Dropped:
    """Something of the data that makes no question: of which video, its part there, its id if any, and why."""

    video: str
    task: TaskName
    part: str
    id: str | None
    reason: str


class Listed(NamedTuple):
    """A video by its id, and the keys of all of its questions, in order."""

    id: str
    keys: tuple[Key, ...]


class Opened(NamedTuple):
    """Videos that were opened, and what is wrong with those that could not be, a line each."""

    videos: list[Video]
    problems: list[str]


class Place(NamedTuple):
    """Where an answer stands in a tree of masks, `VIDEO/EXPRESSION/FRAME.png`, or in a results.json."""

    video: str
    expression: str


class LabelPlace(NamedTuple):
    """Where an answer stands among label images: the folder of the frames' images, and the number of its pixels."""

    folder: str
    number: int


class Reader(ABC):
    """A benchmark's data below the folder `root`.

    `fingerprint` is a SHA-256, in hexadecimal, of what defines questions and truths: the same for a copy elsewhere.
    `problems` are what is so wrong that nothing can be asked, `dropped` what of the data makes no question.
    `without_truth` names the tasks whose truth is not here, and says why: their questions are asked, their answers kept
    and not scored. `left_out` names videos that the data lists and nobody asks about, and says why. A reader is pickled
    when several processes compare masks.
    """

    root: Path
    fingerprint: str
    problems: Sequence[str] = ()
    dropped: Sequence[Dropped] = ()
    without_truth: Mapping[TaskName, str] = MappingProxyType({})
    left_out: Mapping[str, str] = MappingProxyType({})

    @abstractmethod
    def listed(self) -> Iterable[Listed]:
        """All videos with their questions, in the order of the benchmark."""

    @abstractmethod
    def open(self, ids: Sequence[str]) -> Opened:
        """The videos of these ids, in order; their frames are checked. An image is a video of one frame."""

    @abstractmethod
    def questions(self, video: Video, keys: Collection[Key]) -> list[Question]:
        """Those of the video's questions, in order, with their regions; each `expects` what its task does.

        Raises UserError where the data are not any more what they were.
        """

    @abstractmethod
    def truths(self, video: Video, keys: Collection[Key]) -> dict[Key, Truth]:
        """The truths of those questions; raises as `questions` does. Where none is here they have no tracks."""

    @abstractmethod
    def wordings(self, video_id: str, keys: Collection[Key]) -> dict[Key, tuple[str, str]]:
        """Question and reference answer of each of those questions, as texts; no mask is read."""

    def references(self, task: TaskName) -> list[str]:
        """The reference texts of all questions of a task, for metrics of texts that want them all (CIDEr)."""
        keys_by_video = ((listed.id, [key for key in listed.keys if key.task == task]) for listed in self.listed())
        return [answer for video, keys in keys_by_video if keys for _, answer in self.wordings(video, keys).values()]

    def places(self, video_id: str, keys: Collection[Key]) -> dict[Key, Place]:  # noqa: ARG002
        """Where answers to those of a video's questions stand in a tree of masks; where the form has none, not there.

        Unless a reader says otherwise the id of such a question is `VIDEO_EXPRESSION`.
        """
        parts = {key: key.id.rpartition("_") for key in keys}
        return {key: Place(video, expression) for key, (video, _, expression) in parts.items() if video and expression}

    def label_places(self, video_id: str, keys: Collection[Key]) -> dict[Key, LabelPlace]:  # noqa: ARG002
        """Where those answers stand in label images; nowhere, unless a reader says so."""
        return {}

    def misfits(self, videos: Mapping[str, tuple[int, int]]) -> list[str]:  # noqa: ARG002
        """A line for each true track that does not fit its video; `videos` gives their (height, width)."""
        return []


def open_frames(root: Path, videos: Iterable[tuple[str, str, str, Sequence[str]]]) -> Opened:
    """Open videos that are folders of frame files below `root`: (id, source, folder, files) of each.

    All frames of a video have to be there, whole and of one size. What was found sound is not read again until it
    changes.
    """
    frames = FrameIndex(root)
    opened = Opened([], [])
    for id_, source, folder, files in videos:
        probe = frames.probe(folder, files, source)
        opened.problems.extend(problem.text for problem in probe.problems)
        if probe.size is not None:
            opened.videos.append(Video(id_, source, probe.size, tuple(root / folder / file for file in files)))
    frames.save()
    return opened


def not_here(root: Path, expected: str) -> UserError:
    """The error for a folder that is not the benchmark's; `expected` says what should lie there."""
    if not root.exists():
        return UserError(f"{root}: no such path, expected {expected}")
    return UserError(f"{root}: not a benchmark of this kind, expected {expected}")
