"""A general model's answer as marked text and boxes. Nothing here raises, and all takes linear time."""

from __future__ import annotations

from typing import NamedTuple

from sama_bench.metrics import grounding_marks as marks
from sama_bench.prompting.conventions import Convention, Corners
from sama_bench.prompting.inline_boxes import in_text
from sama_bench.prompting.json_objects import Answer, in_json
from sama_bench.prompting.parsed_objects import (
    MOST,
    NamedObject,
    Piece,
    clean,
    corners,
    in_fractions,
    marked,
    placed,
    spoken,
)

NOTHING = "no box could be read out of the answer"
LONGEST = 4_000_000


class Reading(NamedTuple):
    """Marked text, one box for each of its [SEG], and why not all, or nothing, could be read (None where all was)."""

    text: str
    boxes: tuple[Corners, ...]
    unread: str | None


def read(answer: str, convention: Convention, size: tuple[int, int]) -> Reading:
    """Read an answer whose boxes are written as `convention` says, in a picture of `size` (height, width).

    JSON with a text and objects, a list of objects, `<ref>…</ref><box>…</box>`, or boxes behind the words they belong
    to. An object without a usable box keeps its words and gets no [SEG].
    """
    pieces, silent = _pieces(answer[:LONGEST])
    objects = [piece for piece in pieces if isinstance(piece, NamedObject)]
    fractions = in_fractions(objects)
    boxes = [corners(piece, convention, size, fractions=fractions) for piece in objects]
    text = marked(pieces, [box is not None for box in boxes])
    return Reading(text, tuple(box for box in boxes if box is not None), _unread(boxes, silent))


def read_text(answer: str) -> str:
    """The words of an answer from which no box was asked, without boxes, marks and special tokens."""
    parsed = in_json(answer[:LONGEST])
    return spoken(in_text(parsed.text if parsed is not None and parsed.text else answer[:LONGEST]))


def _pieces(answer: str) -> tuple[list[Piece], bool]:
    """The answer in pieces, and whether it says itself that it names no object."""
    parsed = in_json(answer)
    if parsed is None:
        return in_text(answer), False
    if parsed.objects:
        text, objects = spoken(in_text(parsed.text)), _with_phrases(parsed)
        return placed(text, [NamedObject(clean(item.phrase), item.numbers) for item in objects]), False
    pieces = in_text(parsed.text)
    return pieces, parsed.lists and not any(isinstance(piece, NamedObject) for piece in pieces)


def _with_phrases(parsed: Answer) -> list[NamedObject]:
    """The objects; without words, they take the phrases that the text marks itself, where there are as many."""
    phrases = marks.phrases(parsed.text)
    if len(phrases) != len(parsed.objects) or any(item.phrase for item in parsed.objects):
        return parsed.objects
    return [NamedObject(phrase, item.numbers) for phrase, item in zip(phrases, parsed.objects, strict=True)]


def _unread(boxes: list[Corners | None], silent: bool) -> str | None:
    bad = sum(box is None for box in boxes)
    if len(boxes) == MOST:
        return f"only the first {MOST} objects were read"
    if bad:
        return f"{bad} of {len(boxes)} boxes are not usable (outside of the picture, without area, or no four numbers)"
    return None if boxes or silent else NOTHING
