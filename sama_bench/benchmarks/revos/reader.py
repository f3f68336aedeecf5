"""ReVOS' folder, its frames below `JPEGImages` or right below the root."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from sama_bench.benchmark.reader import Listed, Opened, Reader, not_here, open_frames
from sama_bench.benchmarks.expressions.listing import Expression, VideoListing, count_of, read_listing
from sama_bench.benchmarks.expressions.sources import AGAIN, Sources
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO, reference
from sama_bench.benchmarks.revos.foreground import FOREGROUND, read_foreground
from sama_bench.benchmarks.sama.mask_index import MaskIndex, open_index
from sama_bench.errors import UserError
from sama_bench.metrics import rle
from sama_bench.types import Key, Question, Truth, Video

TASK = "revos"
LISTING = "meta_expressions_valid_.json"
MASKS = "mask_dict.json"
IMAGES = "JPEGImages"
EXPECTED = f"{LISTING}, {MASKS}, {FOREGROUND}, {IMAGES}/VIDEO/FRAME.jpg (or VIDEO/FRAME.jpg)"
TYPES = ("referring", "reasoning", "absent")
NOTHING = "It is not in the video."


def recognise(folder: Path) -> bool:
    """Whether the expressions, under the name that only ReVOS gives them, are there."""
    return (folder / LISTING).is_file() and (folder / FOREGROUND).is_file()


class RevosReader(Reader):
    """The folder at `root`. Raises UserError where it is not of this kind."""

    def __init__(self, root: Path) -> None:
        if not (root / LISTING).is_file():
            raise not_here(root, EXPECTED)
        sources = Sources(root)
        self.root = root
        self._videos = read_listing(sources.json(LISTING), root / LISTING)
        self._masks = _open_masks(root / MASKS)
        sources.add(MASKS, self._masks.sha256)
        self._foreground, problems = read_foreground(sources, self._videos)
        self.problems = [*self._wrong_expressions(), *problems]
        if not self.problems:
            self.problems = self._wrong_masks()
        self.fingerprint = sources.fingerprint

    def listed(self) -> Iterator[Listed]:
        """All videos with their expressions, in the order of the file."""
        for video in self._videos.values():
            yield Listed(video.id, tuple(_key(video.id, one) for one in video.expressions))

    def open(self, ids: Sequence[str]) -> Opened:
        """The videos of these ids; all of their frames are checked."""
        videos = (self._videos[id_] for id_ in ids)
        return open_frames(
            self.root, ((one.id, TASK, self._folder(one.id), [f"{name}.jpg" for name in one.frames]) for one in videos)
        )

    def questions(self, video: Video, keys: Collection[Key]) -> list[Question]:
        """Those of the video's questions, by the template."""
        return [
            Question(key, video, SA2VA_VIDEO.asked(one.words), expects="track")
            for key, one in self._asked(video.id, keys)
        ]

    def truths(self, video: Video, keys: Collection[Key]) -> dict[Key, Truth]:
        """The truths of those questions: the union of the objects' tracks, these, and the video's foreground.

        Raises UserError where the mask dictionary is not any more what it was.
        """
        listing = self._videos[video.id]
        asked = list(self._asked(video.id, keys))
        names = {name for _, one in asked for name in _annotations(one)}
        tracks = self._masks.tracks(names, len(listing.frames), video.size)
        foreground = self._foreground_of(listing, video.size)
        found = {}
        for key, one in asked:
            objects = [listing.sorted(tracks[name]) for name in _objects(one)]
            found[key] = Truth(
                key,
                video.id,
                _reference(one),
                (rle.union(objects),) if objects else (),
                labels={"type": TYPES[one.about["type_id"]], "objects named": count_of(objects)},
                more={"type": one.about["type_id"], "objects": objects, "foreground": foreground},
            )
        return found

    def wordings(self, video_id: str, keys: Collection[Key]) -> dict[Key, tuple[str, str]]:
        """Question and reference answer of each of those questions, as texts."""
        return {key: (SA2VA_VIDEO.asked(one.words), _reference(one)) for key, one in self._asked(video_id, keys)}

    def misfits(self, videos: Mapping[str, tuple[int, int]]) -> list[str]:
        """A line for each track that does not have its video's size: the released code cannot score it."""
        return [
            f"{self.root / MASKS}: annotation {name}: has masks of another size than {id_}'s frames, "
            f"{size[0]}x{size[1]} (height x width): they are resized; {AGAIN}"
            for id_, size in videos.items()
            for name in dict.fromkeys(name for one in self._videos[id_].expressions for name in _annotations(one))
            if any(one != size for one in self._masks.annotations[name].sizes)
        ]

    def _foreground_of(self, listing: VideoListing, size: tuple[int, int]) -> rle.Checked:
        try:
            return listing.sorted(rle.as_fitting(self._foreground[listing.id], len(listing.frames), size))
        except rle.RLEError as problem:
            raise UserError(f"{self.root / FOREGROUND}: {listing.id}: {problem}; {AGAIN}") from problem

    def _folder(self, video: str) -> str:
        below = f"{IMAGES}/{video}"
        return below if (self.root / below).is_dir() or not (self.root / video).is_dir() else video

    def _asked(self, video_id: str, keys: Collection[Key]) -> Iterator[tuple[Key, Expression]]:
        for one in self._videos[video_id].expressions:
            key = _key(video_id, one)
            if key in keys:
                yield key, one

    def _wrong_expressions(self) -> list[str]:
        return [
            f"{self.root / LISTING}: {video.id}, expression {one.number}: {problem}; {AGAIN}"
            for video in self._videos.values()
            for one in video.expressions
            for problem in _problems(one)
        ]

    def _wrong_masks(self) -> list[str]:
        """What is wrong with the tracks that expressions name."""
        path = self.root / MASKS
        if self._masks.problem is not None:
            return [f"{path}: {self._masks.problem}; {AGAIN}"]
        problems = {}
        for video in self._videos.values():
            for name in dict.fromkeys(name for one in video.expressions for name in _annotations(one)):
                if problem := _of_track(self._masks, name, video):
                    problems[name] = f"{path}: annotation {name}, which {video.id} needs, {problem}; {AGAIN}"
        return list(problems.values())


def _key(video: str, one: Expression) -> Key:
    return Key(TASK, f"{video}_{one.number}")


def _reference(one: Expression) -> str:
    return reference(one.words) if _objects(one) else NOTHING


def _objects(one: Expression) -> list[str]:
    """The annotations that are to be found: none for an expression about what is not there."""
    return [] if one.about["type_id"] == TYPES.index("absent") else _annotations(one)


def _annotations(one: Expression) -> list[str]:
    return [str(id_) for id_ in one.about["anno_id"]]


def _problems(one: Expression) -> Iterator[str]:
    kind, ids = one.about.get("type_id"), one.about.get("anno_id")
    if type(kind) is not int or kind not in {0, 1, 2}:
        yield f"type_id is {kind!r:.40}, expected 0, 1 or 2"
    if not isinstance(ids, list) or not all(type(id_) in {int, str} for id_ in ids):
        yield f"anno_id is {ids!r:.40}, expected a list of annotations"


def _open_masks(path: Path) -> MaskIndex:
    try:
        return open_index(path)
    except FileNotFoundError as problem:
        raise UserError(f"{path}: no such file, expected the tracks of all annotations; put it there") from problem


def _of_track(masks: MaskIndex, name: str, video: VideoListing) -> str | None:
    annotation = masks.annotations.get(name)
    if annotation is None:
        return "is not in it"
    if annotation.problem is not None:
        return f"is not a mask track ({annotation.problem})"
    if annotation.entries != len(video.frames):
        return f"has {annotation.entries} entries, expected one for each of {len(video.frames)} frames"
    return None
