"""Sets whose expressions are of types, and name the annotations of one mask dictionary (ReVOS, Ref-SAV)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from sama_bench.benchmark.reader import not_here
from sama_bench.benchmarks.expressions.listing import Expression, VideoListing, count_of, read_listing
from sama_bench.benchmarks.expressions.listing_reader import ListingReader
from sama_bench.benchmarks.expressions.sources import AGAIN, Sources
from sama_bench.benchmarks.sama.mask_index import MaskIndex, open_index
from sama_bench.errors import UserError
from sama_bench.metrics import rle
from sama_bench.metrics.rle import Checked
from sama_bench.types import Key, Truth, Video

MASKS = "mask_dict.json"
NOTHING = "It is not in the video."


class TypedReader(ListingReader):
    """The folder at `root`. Raises UserError where it is not of this kind.

    `types` are the names of the types by their number in `type_id`; `absent` is the one, if any, whose expressions mean
    nothing whatever annotations they name. `expected` says what the folder holds.
    """

    listing_file: ClassVar[str]
    types: ClassVar[Sequence[str]]
    absent: ClassVar[str | None] = None
    expected: ClassVar[str]

    def __init__(self, root: Path) -> None:
        path = root / self.listing_file
        if not path.is_file():
            raise not_here(root, self.expected)
        sources = Sources(root)
        self.root = root
        self.videos = read_listing(sources.content(self.listing_file), path).checked()
        self._masks = _open_masks(root / MASKS)
        sources.add(MASKS, self._masks.sha256)
        self.problems = [*self._wrong_expressions(), *self.read_more(sources)]
        if not self.problems:
            self.problems = self._wrong_masks()
        self.fingerprint = sources.fingerprint

    def read_more(self, sources: Sources) -> list[str]:  # noqa: ARG002
        """Read what else the set has; what is wrong with it."""
        return []

    def truths(self, video: Video, keys: Collection[Key]) -> dict[Key, Truth]:
        """The truths of those questions: the union of the objects' tracks, these, and what else the set has.

        Raises UserError where the mask dictionary is not any more what it was.
        """
        listing = self.videos[video.id]
        selected = list(self.selected_expressions(video.id, keys))
        names = {name for _, expression in selected for name in annotations_of(expression)}
        tracks = self._masks.tracks(names, len(listing.frames), video.size)
        more = self.more(listing, video.size)
        truths = {}
        for key, expression in selected:
            objects = [listing.sorted(tracks[name]) for name in self.objects(expression)]
            truths[key] = Truth(
                key,
                video.id,
                self.reference(expression),
                (rle.union(objects),) if objects else (),
                labels={"type": self.types[expression.about["type_id"]], "objects named": count_of(objects)},
                more={"type": expression.about["type_id"], "objects": objects, **more},
            )
        return truths

    @abstractmethod
    def more(self, listing: VideoListing, size: tuple[int, int]) -> Mapping[str, Checked]:
        """Further tracks of a video that the set's measures want to know, by name."""

    def misfits(self, videos: Mapping[str, tuple[int, int]]) -> list[str]:
        """A line for each track that does not have its video's size: the released code cannot score it."""
        return [
            f"{self.root / MASKS}: annotation {name}: has masks of another size than {id_}'s frames, "
            f"{size[0]}x{size[1]} (height x width): they are resized; {AGAIN}"
            for id_, size in videos.items()
            for name in self._named(self.videos[id_])
            if any(mask_size != size for mask_size in self._masks.annotations[name].sizes)
        ]

    def reference(self, expression: Expression) -> str:
        """The reference answer; one of its own where the expression means nothing."""
        return super().reference(expression) if self.objects(expression) else NOTHING

    def objects(self, expression: Expression) -> list[str]:
        """The annotations that are to be found: none for an expression about what is not there."""
        absent = self.absent is not None and expression.about["type_id"] == self.types.index(self.absent)
        return [] if absent else annotations_of(expression)

    def _named(self, video: VideoListing) -> Iterator[str]:
        """The annotations that expressions of a video name, each once."""
        yield from dict.fromkeys(name for expression in video.expressions for name in annotations_of(expression))

    def _wrong_expressions(self) -> list[str]:
        return [
            f"{self.root / self.listing_file}: {video.id}, expression {expression.number}: {problem}; {AGAIN}"
            for video in self.videos.values()
            for expression in video.expressions
            for problem in self._problems(expression)
        ]

    def _problems(self, expression: Expression) -> Iterator[str]:
        kind, ids = expression.about.get("type_id"), expression.about.get("anno_id")
        if type(kind) is not int or not 0 <= kind < len(self.types):
            known = [str(number) for number in range(len(self.types))]
            yield f"type_id is {kind!r:.40}, expected {', '.join(known[:-1])} or {known[-1]}"
        if not isinstance(ids, list) or not all(type(id_) in {int, str} for id_ in ids):
            yield f"anno_id is {ids!r:.40}, expected a list of annotations"

    def _wrong_masks(self) -> list[str]:
        """What is wrong with the tracks that expressions name."""
        path = self.root / MASKS
        if self._masks.problem is not None:
            return [f"{path}: {self._masks.problem}; {AGAIN}"]
        problems = {}
        for video in self.videos.values():
            for name in self._named(video):
                if problem := _of_track(self._masks, name, video):
                    problems[name] = f"{path}: annotation {name}, which {video.id} needs, {problem}; {AGAIN}"
        return list(problems.values())


def annotations_of(expression: Expression) -> list[str]:
    """The annotations that an expression names, whether they are to be found or not."""
    ids: Sequence[Any] = expression.about["anno_id"]
    return [str(id_) for id_ in ids]


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
