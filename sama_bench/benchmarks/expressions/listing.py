"""`meta_expressions.json`, the form that the video sets share: videos, their frames, their expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sama_bench.benchmarks.sama.json_checks import ShapeError, below, listing, mapping, text
from sama_bench.errors import UserError
from sama_bench.metrics.rle import Checked, Track


@dataclass(frozen=True)
class Expression:
    """An expression of a video: its number there, its words, and all else that the file says of it."""

    number: str
    words: str
    about: Mapping[str, Any]


@dataclass(frozen=True)
class VideoListing:
    """A video of the file: the names of its frames in their own order, and its expressions.

    `order` says for each frame where the file lists it: masks stand in the file's order.
    """

    id: str
    frames: tuple[str, ...]
    order: tuple[int, ...]
    expressions: tuple[Expression, ...]
    about: Mapping[str, Any]

    def sorted(self, track: Track) -> Checked:
        """A track whose masks stand in the file's order, in the order of the frames."""
        return Checked(track[place] for place in self.order)


def read_listing(value: object, path: Path) -> dict[str, VideoListing]:
    """The videos of a file's JSON value, in its order. Raises UserError with all that has not the shape."""
    found: dict[str, VideoListing] = {}
    problems: list[str] = []
    try:
        videos = mapping(mapping(value, "the file").get("videos"), "videos")
    except ShapeError as problem:
        raise UserError(f"{path}: {problem}") from problem
    for id_, about in videos.items():
        try:
            found[id_] = _video(id_, about)
        except ShapeError as problem:
            problems.append(f"{path}: video {id_!r:.80}: {problem}; take the file from the data again")
    if problems:
        raise UserError(problems)
    return found


def _video(id_: str, value: object) -> VideoListing:
    below(id_, "its name")
    about = mapping(value, "it")
    frames = [below(frame, "frames") for frame in listing(about.get("frames"), "frames")]
    if not frames or len({*frames}) < len(frames):
        raise ShapeError("frames are empty or name one twice, expected each frame once")
    order = sorted(range(len(frames)), key=frames.__getitem__)
    expressions = tuple(_expressions(mapping(about.get("expressions"), "expressions")))
    return VideoListing(id_, tuple(frames[place] for place in order), tuple(order), expressions, about)


def _expressions(values: Mapping[str, object]) -> Iterator[Expression]:
    for number, value in values.items():
        if not (number.isascii() and number.isdigit()):
            raise ShapeError(f"expressions has the key {number!r:.40}, expected a number")
        about = mapping(value, f"expression {number}")
        yield Expression(number, text(about.get("exp"), f"exp of expression {number}"), about)


def sorted_numbers(videos: Mapping[str, VideoListing]) -> Iterator[tuple[str, str]]:
    """Video and number of all expressions, videos sorted, then numbers sorted as texts: 10 before 2."""
    for id_ in sorted(videos):
        yield from ((id_, number) for number in sorted(one.number for one in videos[id_].expressions))


def count_of(objects: Sequence[object], most: int = 3) -> str:
    """How a breakdown names a number of objects."""
    count = len(objects)
    if not count:
        return "no object"
    return f"{min(count, most)} object{'s' if count > 1 else ''}{' +' if count >= most else ''}"
