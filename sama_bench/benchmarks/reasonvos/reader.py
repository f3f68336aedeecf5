"""ReasonVOS' folder: expressions in a list, frames by video, masks by source, video and object."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from sama_bench import types
from sama_bench.benchmark.reader import not_here
from sama_bench.benchmarks.expressions.listing import FILE, Expression, ExpressionForm, VideoListing, read_listing
from sama_bench.benchmarks.expressions.listing_reader import ListingReader
from sama_bench.benchmarks.expressions.reader import shape_labels
from sama_bench.benchmarks.expressions.sources import AGAIN, Sources
from sama_bench.benchmarks.expressions.truth import broken_pictures, digest_of_pictures, picture_values
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO
from sama_bench.benchmarks.sama.json_checks import ShapeError, below, identifier, listing
from sama_bench.errors import UserError
from sama_bench.metrics import rle
from sama_bench.types import Key, Truth, Video

TASK = "reasonvos"
IMAGES, MASKS = "JPEGImages", "Annotations"
EXPECTED = f"{FILE}, {IMAGES}/VIDEO/FRAME.jpg, {MASKS}/SOURCE_VIDEO_OBJECT/FRAME.png"


class ListedExpressions(ExpressionForm):
    """A list of expressions, each with the number of its object, its own, and its words under `exp_text`."""

    words = "exp_text"

    def entries(self, value: object) -> Iterator[tuple[str, object]]:
        """Each expression with its place in the list."""
        return ((str(place), entry) for place, entry in enumerate(listing(value, "expressions")))

    def number(self, key: str, entry: Mapping[str, object]) -> str:
        """The object's number and the expression's."""
        numbers = [identifier(entry.get(name), f"{name} of expression {key}") for name in ("obj_id", "exp_id")]
        for number in numbers:
            if "/" in below(number, f"an id of expression {key}"):
                raise ShapeError(f"expression {key}: an id holds a slash, expected a number")
        if entry.get("is_sent") not in (None, False, True):
            raise ShapeError(f"expression {key}: is_sent is {entry.get('is_sent')!r:.40}, expected true or false")
        return "_".join(numbers)


def recognise(folder: Path) -> bool:
    """Whether expressions, frames and masks are there, right below the folder."""
    return (folder / FILE).is_file() and (folder / IMAGES).is_dir() and (folder / MASKS).is_dir()


class ReasonVosReader(ListingReader):
    """The folder at `root`. Raises UserError where it is not of this kind.

    The id of a question is `SOURCE_VIDEO_OBJECT_EXPRESSION`, as the released predictions lie in folders.
    """

    task = TASK
    wording = SA2VA_VIDEO

    def __init__(self, root: Path) -> None:
        if not (root / FILE).is_file():
            raise not_here(root, EXPECTED)
        sources = Sources(root)
        self.root = root
        self.videos = read_listing(sources.content(FILE), root / FILE, ListedExpressions()).checked()
        if problems := [*self._wrong_sources()]:  # nothing has a name without them
            raise UserError(problems)
        pictures = (path for video in self.videos.values() for path in self._pictures(video))
        sources.add(MASKS, digest_of_pictures(root, pictures))
        self.fingerprint = sources.fingerprint

    def truths(self, video: Video, keys: Collection[Key]) -> dict[Key, Truth]:
        """The truths of those questions, each the mask of its object.

        Raises UserError where a mask cannot be read, or is not of the frames' size.
        """
        listed = self.videos[video.id]
        selected = list(self.selected_expressions(video.id, keys))
        folders = {self._folder_of_masks(listed, expression) for _, expression in selected}
        tracks = {folder: self._track(folder, listed, video.size) for folder in folders}
        return {
            key: Truth(key, video.id, self.reference(expression), (track,), labels=_labels(expression, video, track))
            for key, expression in selected
            for track in [tracks[self._folder_of_masks(listed, expression)]]
        }

    def misfits(self, videos: Mapping[str, tuple[int, int]]) -> list[str]:
        """A line for each mask that is not there, cannot be read, or is not of its video's size."""
        return [
            line for id_, size in videos.items() for line in broken_pictures(self._pictures(self.videos[id_]), size)
        ]

    def key(self, video_id: str, expression: Expression) -> Key:
        """The key of an expression's question."""
        return Key(self.task, f"{self.source(video_id)}_{video_id}_{expression.number}")

    def expression(self, expression: Expression) -> types.Expression:
        """What an expression's question is made of; the data say which are sentences."""
        is_sentence = expression.about.get("is_sent")
        return types.Expression(
            expression.words, self.task, sentence=None if is_sentence is None else bool(is_sentence)
        )

    def source(self, video_id: str) -> str:
        """The data set that a video comes from."""
        return str(self.videos[video_id].about["source"])

    def folder(self, video_id: str) -> str:
        """The folder of the video's frames, below the root."""
        return f"{IMAGES}/{video_id}"

    def _wrong_sources(self) -> Iterator[str]:
        for video in self.videos.values():
            try:
                below(video.about.get("source"), "source")
            except ShapeError as problem:
                yield f"{self.root / FILE}: video {video.id}: {problem}; {AGAIN}"

    def _folder_of_masks(self, video: VideoListing, expression: Expression) -> Path:
        return self.root / MASKS / f"{self.source(video.id)}_{video.id}_{expression.about['obj_id']}"

    def _pictures(self, video: VideoListing) -> list[Path]:
        folders = dict.fromkeys(self._folder_of_masks(video, expression) for expression in video.expressions)
        return [folder / f"{frame}.png" for folder in folders for frame in video.frames]

    @staticmethod
    def _track(folder: Path, video: VideoListing, size: tuple[int, int]) -> rle.Checked:
        masks = (picture_values(folder / f"{frame}.png", size) != 0 for frame in video.frames)
        return rle.Checked(map(rle.encode, masks))


def _labels(expression: Expression, video: Video, track: rle.Checked) -> dict[str, str]:
    is_sentence = expression.about.get("is_sent")
    asked_as = {} if is_sentence is None else {"asked as": "a sentence" if is_sentence else "a phrase"}
    return {**asked_as, **shape_labels(video, track)}
