"""The objects found in an answer, and the benchmark's marked text made of them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sama_bench.metrics import grounding_marks as marks
from sama_bench.prompting.conventions import Convention, Corners

MOST = 200
LONGEST_PHRASE = 300
_white = re.compile(r"\s+")
_special = re.compile(r"<\|[a-zA-Z_]{1,30}\|>")


@dataclass(frozen=True)
class NamedObject:
    """An object that an answer names: its words ('' where it has none), and the numbers given for it, by fours."""

    phrase: str
    numbers: tuple[tuple[float, ...], ...]


Piece = str | NamedObject


def clean(text: str) -> str:
    """The text without the benchmark's marks and models' special tokens, white space made single blanks, stripped."""
    for mark in (marks.OPEN, marks.CLOSE, marks.SEGMENT, "<s>", "</s>"):
        text = text.replace(mark, " ")
    return _white.sub(" ", _special.sub(" ", text)).strip()


def corners(item: NamedObject, convention: Convention, size: tuple[int, int], *, fractions: bool) -> Corners | None:
    """The box around all usable boxes of an object; None where there is none."""
    boxes = [convention.read(numbers, size, fractions=fractions) for numbers in item.numbers]
    usable = [box for box in boxes if box is not None]
    if not usable:
        return None
    x0s, y0s, x1s, y1s = zip(*usable, strict=True)
    return Corners(min(x0s), min(y0s), max(x1s), max(y1s))


def in_fractions(items: Iterable[NamedObject]) -> bool:
    """True if all numbers lie in 0…1 and any is no whole number: neither pixels nor thousandths are meant."""
    numbers = [number for item in items for four in item.numbers for number in four if math.isfinite(number)]
    return bool(numbers) and all(0 <= number <= 1 for number in numbers) and any(number % 1 for number in numbers)


def placed(text: str, objects: Sequence[NamedObject]) -> list[Piece]:
    """The text with each object where its phrase stands in it, whatever its case; those that do not, at its end."""
    low = text.lower()
    if len(low) != len(text):  # a few letters change their length: then only the case as written is found
        low, objects_low = text, [item.phrase for item in objects]
    else:
        objects_low = [item.phrase.lower() for item in objects]
    spans: list[tuple[int, int, NamedObject]] = []
    at_end: list[NamedObject] = []
    for item, phrase in zip(objects, objects_low, strict=True):
        start = _free(low, phrase, spans) if phrase else -1
        if start < 0:
            at_end.append(item)
        else:
            spans.append((start, start + len(phrase), item))
    return [*_split(text, sorted(spans, key=lambda span: span[0])), *at_end]


def _free(text: str, phrase: str, matches: Sequence[tuple[int, int, NamedObject]]) -> int:
    """The first place of the phrase as whole words in no taken span; -1 where it is in none of the first few places."""
    at = text.find(phrase)
    for _ in range(20):
        end = at + len(phrase)
        if at < 0:
            return -1
        whole_word = not (text[at - 1 : at].isalnum() and at) and not text[end : end + 1].isalnum()
        if whole_word and all(end <= start or at >= stop for start, stop, _ in matches):
            return at
        at = text.find(phrase, at + 1)
    return -1


def _split(text: str, spans: Sequence[tuple[int, int, NamedObject]]) -> list[Piece]:
    pieces: list[Piece] = []
    reached = 0
    for start, stop, item in spans:
        pieces += [text[reached:start], NamedObject(text[start:stop], item.numbers)]
        reached = stop
    return [*pieces, text[reached:]]


def marked(pieces: Sequence[Piece], grounded: Sequence[bool]) -> str:
    """The text with `<p>phrase</p> [SEG]` for each object that is grounded, and just the phrase for the others.

    `grounded` has a value for each `Named` of `pieces`, in order.
    """
    flags = iter(grounded)
    texts = [clean(piece) if isinstance(piece, str) else _words(piece, next(flags)) for piece in pieces]
    joined = " ".join(text for text in texts if text)
    return re.sub(r" ([.,;:!?])", r"\1", joined)


def spoken(pieces: Sequence[Piece]) -> str:
    """The words alone, without boxes and marks."""
    return marked(pieces, [False] * sum(isinstance(piece, NamedObject) for piece in pieces))


def _words(item: NamedObject, grounded: bool) -> str:
    phrase = clean(item.phrase)[:LONGEST_PHRASE]
    if not grounded:
        return phrase
    return f"{marks.OPEN}{phrase}{marks.CLOSE} {marks.SEGMENT}" if phrase else marks.SEGMENT
