"""`meta_expressions.json`, the form that the video sets share: videos, their frames, their expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sama_bench.benchmarks.sama.json_checks import ShapeError, below, brief, identifier, listing, mapping, text
from sama_bench.errors import UserError
from sama_bench.files.json_files import ContentError, parse_json
from sama_bench.metrics.rle import Checked, Track

FILE = "meta_expressions.json"
AGAIN = "take the file from the data again"
MARKS = ("<mask>", "<image>", "<video>")


@dataclass(frozen=True)
class Expression:
    """An expression of a video: its number there, its words, and all else that the file says of it, unchecked."""

    number: str
    words: str
    about: Mapping[str, Any]


@dataclass(frozen=True)
class VideoListing:
    """A video of the file: the names of its frames in their own order, and its expressions in the file's.

    `order` says for each frame where the file lists it: masks stand in the file's order.
    """

    id: str
    frames: tuple[str, ...]
    order: tuple[int, ...]
    expressions: tuple[Expression, ...]
    about: Mapping[str, Any]

    @property
    def files(self) -> list[str]:
        """The frame files in the order in which they are shown."""
        return [f"{name}.jpg" for name in self.frames]

    def sorted(self, track: Track) -> Checked:
        """A track whose masks stand in the file's order, in the order of the frames."""
        return Checked(track[place] for place in self.order)


@dataclass(frozen=True)
class Listing:
    """The sound videos of a file by their ids, in its order, and a line for each thing that is wrong with others."""

    videos: Mapping[str, VideoListing]
    problems: tuple[str, ...] = ()

    def checked(self) -> Mapping[str, VideoListing]:
        """The videos. Raises UserError with all problems, where there are any."""
        if self.problems:
            raise UserError(self.problems)
        return self.videos


class ExpressionForm:
    """How a file writes a video: its frames in a list, its expressions by number, the words of each under `exp`."""

    words = "exp"
    key = "expressions"

    def frames(self, id_: str, about: Mapping[str, object]) -> list[str]:  # noqa: ARG002
        """The names of a video's frames. Raises ShapeError where there are none, or one stands twice."""
        frames = [below(frame, f"frames[{n}]") for n, frame in enumerate(listing(about.get("frames"), "frames"))]
        if not frames:
            raise ShapeError("frames is empty, expected one name per frame")
        if len({*frames}) < len(frames):
            raise ShapeError("frames names a frame twice, expected each once")
        return frames

    def entries(self, value: object) -> Iterator[tuple[str, object]]:
        """The number and the entry of each expression. Raises ShapeError where the value has not the form."""
        yield from mapping(value, self.key).items()

    def number(self, key: str, entry: Mapping[str, object]) -> str:  # noqa: ARG002
        """The expression's number. Raises ShapeError where it is none."""
        if not (key.isascii() and key.isdecimal()):
            raise ShapeError(f"{self.key}[{brief(key)}]: its id is expected to be a whole number")
        return key


def read_listing(content: bytes, path: Path, form: ExpressionForm | None = None) -> Listing:
    """The videos of a file's content, and all that has not the shape; `path` is named in problems.

    Raises UserError where the content is not JSON.
    """
    form = form or ExpressionForm()
    videos: dict[str, VideoListing] = {}
    problems: list[str] = []
    try:
        entries = mapping(mapping(parse_json(content), "the whole file").get("videos"), "videos")
    except ContentError as problem:
        raise UserError(f"{path}: {problem}; {AGAIN}") from problem
    except ShapeError as problem:
        return Listing({}, (f"{path}: {problem}; {AGAIN}",))
    for id_, about in entries.items():
        try:
            video, wrong = _video(id_, about, form)
        except ShapeError as problem:
            wrong = [str(problem)]
        else:
            videos |= {} if wrong else {id_: video}
        problems += [f"{path}: video {brief(id_)}: {problem}; {AGAIN}" for problem in wrong]
    return Listing(videos, tuple(problems))


def _video(id_: str, value: object, form: ExpressionForm) -> tuple[VideoListing, list[str]]:
    """A video and what is wrong with its expressions. Raises ShapeError for what is wrong with the video itself."""
    below(id_, "its name")
    about = mapping(value, "it")
    frames = form.frames(id_, about)
    order = sorted(range(len(frames)), key=frames.__getitem__)
    expressions: dict[str, Expression] = {}
    problems: list[str] = []
    for key, entry in form.entries(about.get(form.key)):
        try:
            expression = _expression(key, entry, form)
            if expression.number in expressions:
                raise ShapeError(f"{form.key}[{brief(key)}] has the ids of an earlier one, expected others")
            expressions[expression.number] = expression
        except ShapeError as problem:
            problems.append(str(problem))
    names = tuple(frames[place] for place in order)
    return VideoListing(id_, names, tuple(order), tuple(expressions.values()), about), problems


def _expression(key: str, entry: object, form: ExpressionForm) -> Expression:
    where = f"{form.key}[{brief(key)}]"
    about = mapping(entry, where)
    number = form.number(key, about)
    words = text(about.get(form.words), f"{form.words} of expression {key}")
    if not words.strip():
        raise ShapeError(f"{where}: {form.words} is empty, expected the words of the expression")
    if mark := next((mark for mark in MARKS if mark in words), None):
        raise ShapeError(f"{where}: {form.words} holds {mark}, which stands for a region or a picture, expected words")
    return Expression(number, words, about)


def annotation_ids(expression: Expression) -> tuple[str, ...]:
    """The keys of an expression's tracks in the mask dictionary; none where it means nothing in the video.

    Raises ShapeError where `anno_id` is no list of ids.
    """
    key = f"expressions[{brief(expression.number)}].anno_id"
    return tuple(
        identifier(value, f"{key}[{n}]") for n, value in enumerate(listing(expression.about.get("anno_id"), key))
    )


def sorted_numbers(videos: Mapping[str, VideoListing]) -> Iterator[tuple[str, str]]:
    """Video and number of all expressions, videos sorted, then numbers sorted as texts: 10 before 2."""
    for id_ in sorted(videos):
        yield from ((id_, number) for number in sorted(expression.number for expression in videos[id_].expressions))


def count_of(objects: Sequence[object], most: int = 3) -> str:
    """How a breakdown names a number of objects."""
    count = len(objects)
    if not count:
        return "no object"
    return f"{min(count, most)} object{'s' if count > 1 else ''}{' +' if count >= most else ''}"
