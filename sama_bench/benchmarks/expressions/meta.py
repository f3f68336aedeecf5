"""`meta_expressions.json`: videos with their frames and expressions, each checked; all problems are told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sama_bench.benchmarks.sama.json_checks import ShapeError, below, brief, identifier, listing, mapping, text
from sama_bench.files.json_files import read_json

FILE = "meta_expressions.json"
AGAIN = "download the file again"
MARKS = ("<mask>", "<image>", "<video>")


@dataclass(frozen=True)
class Expression:
    """One expression of a video: its id there, its text, and the rest of its entry, unchecked."""

    id: str
    text: str
    raw: Mapping[str, object]


@dataclass(frozen=True)
class ListedVideo:
    """A video: the names of its frames without `.jpg`, as the file lists them, and its expressions in that order."""

    id: str
    frames: tuple[str, ...]
    expressions: tuple[Expression, ...]

    @property
    def by_name(self) -> list[int]:
        """The places of the frames in the order of their names, in which they are shown."""
        return sorted(range(len(self.frames)), key=lambda place: self.frames[place])

    @property
    def files(self) -> list[str]:
        """The frame files in the order in which they are shown."""
        return [f"{self.frames[place]}.jpg" for place in self.by_name]


@dataclass(frozen=True)
class Meta:
    """The sound videos of a file, and a line for each that is not."""

    videos: tuple[ListedVideo, ...]
    problems: tuple[str, ...]


def read_meta(path: Path) -> Meta:
    """Read the file. Raises UserError where it is not JSON; anything else that is wrong becomes a problem."""
    videos: list[ListedVideo] = []
    problems: list[str] = []
    try:
        entries = mapping(mapping(read_json(path, again=AGAIN), "the whole file").get("videos"), "videos")
    except ShapeError as problem:
        return Meta((), (f"{path}: {problem}; {AGAIN}",))
    for name, entry in entries.items():
        try:
            videos.append(_video(name, entry))
        except ShapeError as problem:
            problems.append(f"{path}: video {brief(name)}: {problem}; {AGAIN}")
    return Meta(tuple(videos), tuple(problems))


def _video(name: str, entry: object) -> ListedVideo:
    content = mapping(entry, "it")
    frames = tuple(below(frame, f"frames[{n}]") for n, frame in enumerate(listing(content.get("frames"), "frames")))
    if not frames:
        raise ShapeError("frames is empty, expected one name per frame")
    if len(set(frames)) < len(frames):
        raise ShapeError("frames names a frame twice, expected each once")
    expressions = mapping(content.get("expressions"), "expressions")
    return ListedVideo(below(name, "its name"), frames, tuple(_expression(*pair) for pair in expressions.items()))


def _expression(id_: str, entry: object) -> Expression:
    where = f"expressions[{brief(id_)}]"
    if not id_.isdecimal() or not id_.isascii():
        raise ShapeError(f"{where}: its id is expected to be a whole number")
    content = mapping(entry, where)
    words = text(content.get("exp"), f"{where}.exp")
    if not words.strip():
        raise ShapeError(f"{where}.exp is empty, expected the words of the expression")
    if mark := next((mark for mark in MARKS if mark in words), None):
        raise ShapeError(f"{where}.exp holds {mark}, which stands for a region or a picture, expected plain words")
    return Expression(id_, words, content)


def annotation_ids(expression: Expression) -> tuple[str, ...]:
    """The keys of an expression's tracks in the mask dictionary; none where it means nothing in the video.

    Raises ShapeError where `anno_id` is no list of ids.
    """
    key = f"expressions[{brief(expression.id)}].anno_id"
    return tuple(identifier(one, f"{key}[{n}]") for n, one in enumerate(listing(expression.raw.get("anno_id"), key)))
