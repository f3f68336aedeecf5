"""ReVOS' folder, its frames below `JPEGImages` or right below the root."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from sama_bench.benchmark.reader import not_here
from sama_bench.benchmarks.expressions.listing import Expression, VideoListing, count_of, read_listing
from sama_bench.benchmarks.expressions.listing_reader import ListingReader
from sama_bench.benchmarks.expressions.sources import AGAIN, Sources
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO
from sama_bench.benchmarks.revos.foreground import FOREGROUND, read_foreground
from sama_bench.benchmarks.sama.mask_index import MaskIndex, open_index
from sama_bench.errors import UserError
from sama_bench.metrics import rle
from sama_bench.types import Key, Truth, Video

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


class RevosReader(ListingReader):
    """The folder at `root`. Raises UserError where it is not of this kind."""

    task = TASK
    wording = SA2VA_VIDEO

    def __init__(self, root: Path) -> None:
        if not (root / LISTING).is_file():
            raise not_here(root, EXPECTED)
        sources = Sources(root)
        self.root = root
        self.videos = read_listing(sources.content(LISTING), root / LISTING).checked()
        self._masks = _open_masks(root / MASKS)
        sources.add(MASKS, self._masks.sha256)
        self._foreground, problems = read_foreground(sources, self.videos)
        self.problems = [*self._wrong_expressions(), *problems]
        if not self.problems:
            self.problems = self._wrong_masks()
        self.fingerprint = sources.fingerprint

    def truths(self, video: Video, keys: Collection[Key]) -> dict[Key, Truth]:
        """The truths of those questions: the union of the objects' tracks, these, and the video's foreground.

        Raises UserError where the mask dictionary is not any more what it was.
        """
        listing = self.videos[video.id]
        asked = list(self.asked(video.id, keys))
        names = {name for _, one in asked for name in _annotations(one)}
        tracks = self._masks.tracks(names, len(listing.frames), video.size)
        foreground = self._foreground_of(listing, video.size)
        found = {}
        for key, one in asked:
            objects = [listing.sorted(tracks[name]) for name in _objects(one)]
            found[key] = Truth(
                key,
                video.id,
                self.reference(one),
                (rle.union(objects),) if objects else (),
                labels={"type": TYPES[one.about["type_id"]], "objects named": count_of(objects)},
                more={"type": one.about["type_id"], "objects": objects, "foreground": foreground},
            )
        return found

    def misfits(self, videos: Mapping[str, tuple[int, int]]) -> list[str]:
        """A line for each track that does not have its video's size: the released code cannot score it."""
        return [
            f"{self.root / MASKS}: annotation {name}: has masks of another size than {id_}'s frames, "
            f"{size[0]}x{size[1]} (height x width): they are resized; {AGAIN}"
            for id_, size in videos.items()
            for name in dict.fromkeys(name for one in self.videos[id_].expressions for name in _annotations(one))
            if any(one != size for one in self._masks.annotations[name].sizes)
        ]

    def _foreground_of(self, listing: VideoListing, size: tuple[int, int]) -> rle.Checked:
        try:
            return listing.sorted(rle.as_fitting(self._foreground[listing.id], len(listing.frames), size))
        except rle.RLEError as problem:
            raise UserError(f"{self.root / FOREGROUND}: {listing.id}: {problem}; {AGAIN}") from problem

    def reference(self, expression: Expression) -> str:
        """The reference answer; one of its own where the expression means nothing."""
        return super().reference(expression) if _objects(expression) else NOTHING

    def folder(self, video_id: str) -> str:
        """The folder of the video's frames, below the root: in JPEGImages, or right there."""
        below = f"{IMAGES}/{video_id}"
        return below if (self.root / below).is_dir() or not (self.root / video_id).is_dir() else video_id

    def _wrong_expressions(self) -> list[str]:
        return [
            f"{self.root / LISTING}: {video.id}, expression {one.number}: {problem}; {AGAIN}"
            for video in self.videos.values()
            for one in video.expressions
            for problem in _problems(one)
        ]

    def _wrong_masks(self) -> list[str]:
        """What is wrong with the tracks that expressions name."""
        path = self.root / MASKS
        if self._masks.problem is not None:
            return [f"{path}: {self._masks.problem}; {AGAIN}"]
        problems = {}
        for video in self.videos.values():
            for name in dict.fromkeys(name for one in video.expressions for name in _annotations(one)):
                if problem := _of_track(self._masks, name, video):
                    problems[name] = f"{path}: annotation {name}, which {video.id} needs, {problem}; {AGAIN}"
        return list(problems.values())


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
