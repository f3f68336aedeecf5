"""Where the true masks of expressions lie: a mask dictionary, or folders of PNG files."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from sama_bench.benchmarks.expressions.listing import Expression, VideoListing, annotation_ids
from sama_bench.benchmarks.sama.json_checks import ShapeError, brief, identifier
from sama_bench.benchmarks.sama.mask_index import Annotation, open_index
from sama_bench.errors import UserError
from sama_bench.files.opening import open_regular
from sama_bench.frames import BROKEN
from sama_bench.metrics import rle
from sama_bench.types import Track

Size = tuple[int, int]
AGAIN = "put the right file there"


class Truths(ABC):
    """The true masks of a split. `digest` is a SHA-256 of them, `problems` what concerns all of them."""

    digest: str
    problems: Sequence[str] = ()

    @abstractmethod
    def objects(self, video: VideoListing, expression: Expression) -> int | None:
        """How many objects an expression means; None where the data do not say."""

    @abstractmethod
    def misfits(self, video: VideoListing, size: Size) -> Iterator[str]:
        """A line for each mask of a video, with frames of `size` (H, W), that is missing, broken or unlike them."""

    @abstractmethod
    def tracks(self, video: VideoListing, expressions: Iterable[Expression], size: Size) -> dict[str, list[Track]]:
        """The tracks of each expression's objects by its id, in the order of the frames' names; raises UserError.

        Where the data do not part objects it is one track of all.
        """


class MaskDictionary(Truths):
    """`mask_dict.json`: annotation id to a list with an RLE or null for each frame; several of one expression unite."""

    def __init__(self, path: Path, videos: Sequence[VideoListing]) -> None:
        self._index = open_index(path)
        self.digest = self._index.sha256
        self._ids: dict[tuple[str, str], tuple[str, ...]] = {}
        problems = [f"{path}: {self._index.problem}; {AGAIN}"] if self._index.problem else []
        twice = (name for name, differs in self._index.repeated.items() if differs)
        problems += [
            f"{path}: annotation {brief(name)} stands in it twice, with other masks; {AGAIN}" for name in twice
        ]
        for video in videos:
            for expression in video.expressions:
                try:
                    self._ids[video.id, expression.number] = annotation_ids(expression)
                except ShapeError as problem:
                    problems.append(f"video {brief(video.id)}: {problem}: {path} is there, and this says what is meant")
        self.problems = problems

    def objects(self, video: VideoListing, expression: Expression) -> int:
        """How many annotations the expression names."""
        return len(self._ids[video.id, expression.number])

    def misfits(self, video: VideoListing, size: Size) -> Iterator[str]:
        """Annotations that are not there or broken, of fewer entries than frames, or of another size."""
        for name in dict.fromkeys(
            name for expression in video.expressions for name in self._ids[video.id, expression.number]
        ):
            where = f"{self._index.path}: annotation {brief(name)} of video {video.id}"
            annotation = self._index.annotations.get(name)
            if annotation is None:
                yield f"{where} is not in it; {AGAIN}"
            else:
                yield from (f"{where} {wrong}; {AGAIN}" for wrong in _wrong(annotation, len(video.frames), size))

    def tracks(self, video: VideoListing, expressions: Iterable[Expression], size: Size) -> dict[str, list[Track]]:
        """The expressions' annotations, in the order of the frames' names; none where none is named."""
        ids = {expression.number: self._ids[video.id, expression.number] for expression in expressions}
        needed = {name for names in ids.values() for name in names}
        tracks = self._index.tracks(needed, len(video.frames), size)
        return {id_: [video.sorted(tracks[name]) for name in names] for id_, names in ids.items()}


def _wrong(annotation: Annotation, frames: int, size: Size) -> Iterator[str]:
    """What of an annotation does not fit the frames, of `size` (H, W); masks are not resized."""
    if annotation.problem is not None:
        yield f"is not a mask track ({annotation.problem})"
    elif annotation.entries != frames:
        yield f"has {annotation.entries} entries, expected one for each of {frames} frames"
    for height, width in annotation.sizes:
        if (height, width) != size:
            yield f"has a mask of {height}x{width} (height x width), the frames are {size[0]}x{size[1]}"


class PngFolders(Truths):
    """`VIDEO/EXPRESSION/FRAME.png` with anything but 0 for what is meant, or `VIDEO/FRAME.png` with object numbers.

    In the second form an expression's `obj_id` says which number it means.
    """

    def __init__(self, root: Path, videos: Sequence[VideoListing]) -> None:
        self._root = root
        self._by_expression = not any((root / video.id / f"{video.frames[0]}.png").is_file() for video in videos)
        numbers = None if self._by_expression else _numbers(videos)
        self._number = {} if numbers is None else numbers[0]
        self.problems = [] if numbers is None else numbers[1]
        self.digest = digest_of_pictures(root, (path for video in videos for path in self._files(video)))

    def objects(self, video: VideoListing, expression: Expression) -> None:  # noqa: ARG002
        """Not known: a picture does not say how many."""
        return

    def misfits(self, video: VideoListing, size: Size) -> Iterator[str]:
        """Files that are not there, no pictures of one value a pixel, or of another size."""
        return broken_pictures(self._files(video), size)

    def tracks(self, video: VideoListing, expressions: Iterable[Expression], size: Size) -> dict[str, list[Track]]:
        """The pixels of each expression, in the order of the frames' names."""
        return {
            expression.number: [rle.Checked(map(rle.encode, self._masks(video, expression, size)))]
            for expression in expressions
        }

    def _masks(self, video: VideoListing, expression: Expression, size: Size) -> Iterator[np.ndarray]:
        for frame in video.frames:
            pixels = picture_values(self._file(video, expression, frame), size)
            yield pixels != 0 if self._by_expression else pixels == self._number[video.id, expression.number]

    def _file(self, video: VideoListing, expression: Expression, frame: str) -> Path:
        folder = self._root / video.id / expression.number if self._by_expression else self._root / video.id
        return folder / f"{frame}.png"

    def _files(self, video: VideoListing) -> list[Path]:
        return list(
            dict.fromkeys(
                self._file(video, expression, frame) for expression in video.expressions for frame in video.frames
            )
        )


def _numbers(videos: Sequence[VideoListing]) -> tuple[dict[tuple[str, str], int], list[str]]:
    """The object number of each expression, by video and expression, and what is wrong with others."""
    object_numbers: dict[tuple[str, str], int] = {}
    problems = []
    for video in videos:
        for expression in video.expressions:
            where = f"video {brief(video.id)}: expressions[{brief(expression.number)}].obj_id"
            try:
                number = identifier(expression.about.get("obj_id"), where)
            except ShapeError as problem:
                problems.append(f"{problem}: it says which number of the PNG files is meant; {AGAIN}")
                continue
            if number.isdecimal() and 0 < int(number) < 255:
                object_numbers[video.id, expression.number] = int(number)
            else:
                problems.append(f"{where} is {brief(number)}, expected 1 to 254; {AGAIN}")
    return object_numbers, problems


def _not_a_mask(image: Image.Image, size: Size) -> Iterator[str]:
    if image.mode not in ("1", "L", "P"):
        yield f"a picture of mode {image.mode}, expected one value a pixel (mode L or P)"
    if image.size[::-1] != size:
        yield f"is {image.size[1]}x{image.size[0]} (height x width), the frames are {size[0]}x{size[1]}"


def digest_of_pictures(root: Path, paths: Iterable[Path]) -> str:
    """A SHA-256, in hexadecimal, of the places below `root` and the contents of those files that are there."""
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        with open_regular(path) as file:
            content = hashlib.sha256(file.read()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def broken_pictures(paths: Iterable[Path], size: Size) -> Iterator[str]:
    """A line for each file that is not there, is no picture of one value a pixel, or is not of `size` (H, W)."""
    for path in paths:
        try:
            with open_regular(path) as file, Image.open(file) as image:
                yield from (f"{path}: {wrong}; {AGAIN}" for wrong in _not_a_mask(image, size))
        except BROKEN as problem:
            yield _unreadable(path, problem)


def picture_values(path: Path, size: Size) -> np.ndarray:
    """The values of a picture's pixels, uint8 of shape `size` (H, W). Raises UserError as `broken_pictures` tells."""
    try:
        with open_regular(path) as file, Image.open(file) as image:
            for wrong in _not_a_mask(image, size):
                raise UserError(f"{path}: {wrong}; {AGAIN}")
            return np.asarray(image).astype(np.uint8)
    except BROKEN as problem:
        raise UserError(_unreadable(path, problem)) from problem


def _unreadable(path: Path, problem: BaseException) -> str:
    reason = getattr(problem, "strerror", None) or "it is not a whole picture"
    return f"{path}: cannot be read ({reason}); {AGAIN}"
