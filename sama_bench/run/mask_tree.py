"""Answers that are a tree of PNG pictures, as servers take them: `VIDEO/EXPRESSION/FRAME.png` in a folder or a ZIP."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sama_bench.adapter import Abilities
from sama_bench.errors import UserError
from sama_bench.files.trees import FileTree, Unreadable
from sama_bench.metrics.rle import RLE, Checked
from sama_bench.run.mask_picture import NoMask, Picture, mask_of, mask_of_value, most_bytes, picture_of
from sama_bench.run.predictions import KeptTrack, StoredPrediction
from sama_bench.types import Key, Video

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.verdicts.judge_result import Judged

DEEPEST = 3  # folders that may be wrapped around the videos
SHOWN = 3
ANSWER = "[SEG]"  # the text of an answer of which only a mask is known


@dataclass(frozen=True)
class _MaskPlace:
    """Where the pictures of a question's answer are to be below the videos' folder, and what of them is its mask."""

    folder: str
    number: int | None = None

    def mask(self, picture: Picture) -> RLE | None:
        return mask_of(picture) if self.number is None else mask_of_value(picture, self.number)


class MaskTree:
    """The answers of a tree of PNG pictures; `told` says in lines what is incomplete, or answers no selected question.

    The videos' folders may lie below up to three others (`Annotations`, say). A picture has one value a pixel: 0 and
    255, or 0 and 1. Where a reader says so (`label_places`), label images of all objects are taken as well.

    An expression without a folder has no answer. One that lacks a picture has an error, not an empty mask; so has each
    expression of a video whose folder is there, where all of that video's are incomplete. Pictures are looked at when a
    video is asked for: UserError with all of that video's that are no masks of its frames.
    """

    asking: Mapping[str, str] = MappingProxyType({})
    can = Abilities()

    def __init__(self, tree: FileTree, benchmark: Benchmark) -> None:
        self._tree = tree
        self._videos = {video.id: video for video in benchmark.videos}
        mask_places = _mask_places(benchmark)
        self._top = _top(
            tree, {mask_place.folder for by_question in mask_places.values() for mask_place in by_question.values()}
        )
        if self._top is None:
            mask_places = _label_places(benchmark)
            self._top = _top(
                tree, {mask_place.folder for by_question in mask_places.values() for mask_place in by_question.values()}
            )
        if self._top is None:
            raise UserError(
                f"{tree.path}: holds no answer to a question that is asked for; expected {_example(benchmark)}"
            )
        self._mask_places = mask_places
        self._lacking = self._incomplete()
        self.told = [*self._incomplete_lines(), *self._unused_lines()]

    def judged(self) -> Mapping[str, Judged]:
        """Nothing: verdicts are kept in runs."""
        return {}

    def predictions(self, video_id: str) -> dict[Key, StoredPrediction]:
        """The answers to the questions of one video."""
        video, problems = self._videos[video_id], list[str]()
        predictions: dict[Key, StoredPrediction] = {}
        for key, mask_place in self._mask_places.get(video_id, {}).items():
            if key in self._lacking:
                reason = self._lacking[key]
                predictions[key] = StoredPrediction("", error=reason, unread=reason)
            elif self._path(mask_place.folder) in self._tree.folders:
                predictions[key] = StoredPrediction(ANSWER, [self._track(video, mask_place, problems)])
        if problems:
            raise UserError(problems)
        return predictions

    def _track(self, video: Video, mask_place: _MaskPlace, problems: list[str]) -> KeptTrack:
        track: KeptTrack = []
        for name in pictures(video):
            path = f"{self._path(mask_place.folder)}/{name}"
            try:
                picture = picture_of(self._tree.read(path, most_bytes(video.size)), video.size)
                track.append(mask_place.mask(picture))
            except (Unreadable, NoMask) as problem:
                problems.append(f"{self._tree.path}: {path} {problem}; write it again")
        return Checked(track)

    def _path(self, folder: str) -> str:
        return f"{self._top}/{folder}" if self._top else folder

    def _incomplete(self) -> dict[Key, str]:
        """Why an answer that is there in part counts for none, by question."""
        files = set(self._tree.files)
        lacking: dict[Key, str] = {}
        for id_, by_question in self._mask_places.items():
            there = [
                key for key, mask_place in by_question.items() if self._path(mask_place.folder) in self._tree.folders
            ]
            names = pictures(self._videos[id_])
            for key in there:
                folder = self._path(by_question[key].folder)
                absent = [name for name in names if f"{folder}/{name}" not in files]
                if absent:
                    lacking[key] = f"{folder} lacks {some(absent)} of {len(names)} pictures"
            if not any(
                key not in lacking for key in there
            ):  # not even one: a released scorer goes by the video's folder
                lacking |= {
                    key: why
                    for key in by_question
                    if key not in lacking and (why := self._without_folder(by_question[key]))
                }
        return lacking

    def _without_folder(self, mask_place: _MaskPlace) -> str:
        video = self._path(mask_place.folder.rpartition("/")[0])
        return (
            f"{video} is there, without {mask_place.folder.rpartition('/')[2]}" if video in self._tree.folders else ""
        )

    def _incomplete_lines(self) -> list[str]:
        reasons = list(self._lacking.values())
        summary = f"{self._tree.path}: {len(reasons)} answers are incomplete, and count as errors; the first: "
        return [summary + reasons[0]] if reasons else []

    def _unused_lines(self) -> list[str]:
        """What of the tree answers no selected question, in a line."""
        known = {
            self._path(mask_place.folder)
            for by_question in self._mask_places.values()
            for mask_place in by_question.values()
        }
        folders = {name.rpartition("/")[0] for name in self._tree.files if name.endswith(".png")}
        aside = sorted(folders - known)
        return [f"{self._tree.path}: {some(aside)} answer no question that is asked for: left aside"] if aside else []


def pictures(video: Video) -> list[str]:
    """The names of a video's pictures, in the order of its frames."""
    return [f"{frame.stem}.png" for frame in video.frames]


def _mask_places(benchmark: Benchmark) -> dict[str, dict[Key, _MaskPlace]]:
    return {
        video.id: {
            key: _MaskPlace(f"{place.video}/{place.expression}") for key, place in benchmark.places(video.id).items()
        }
        for video in benchmark.videos
    }


def _label_places(benchmark: Benchmark) -> dict[str, dict[Key, _MaskPlace]]:
    return {
        video.id: {
            key: _MaskPlace(place.folder, place.number) for key, place in benchmark.label_places(video.id).items()
        }
        for video in benchmark.videos
    }


def _top(tree: FileTree, folders: Collection[str]) -> str | None:
    """The folder of the tree below which those that are looked for lie; None where none of them does.

    Raises UserError where they lie below several: nobody can say which is meant.
    """
    tops: dict[str, int] = defaultdict(int)
    for folder in tree.folders:
        parts = folder.split("/")
        for depth in range(min(DEEPEST, len(parts)) + 1):
            if "/".join(parts[depth:]) in folders:
                tops["/".join(parts[:depth])] += 1
    if len(tops) > 1:
        raise UserError(
            f"{tree.path}: answers lie below {' and '.join(sorted(top or 'its top' for top in tops))}; give one of them"
        )
    return next(iter(tops), None)


def _example(benchmark: Benchmark) -> str:
    for video in benchmark.videos:
        for place in benchmark.places(video.id).values():
            return f"VIDEO/EXPRESSION/FRAME.png, such as {place.video}/{place.expression}/{pictures(video)[0]}"
    return f"another form: {benchmark.name} has none with pictures; give a file of JSON lines"


def some(names: Sequence[str]) -> str:
    """The first of some names, and how many there are more."""
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
