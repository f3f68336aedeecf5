"""Texts as pieces, some of them in a colour: a grounded answer's phrases, a question's regions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sama_bench.metrics.grounding_marks import CLOSE, OPEN, SEGMENT
from sama_bench.prompting.colours import RGB
from sama_bench.prompting.marks import PLACEHOLDER

CHARACTERS = 1200
_tokens = re.compile("|".join(map(re.escape, (OPEN, CLOSE, SEGMENT))))


class Piece(NamedTuple):
    """A stretch of text; with a colour it is the name of something that has this colour in the frames."""

    text: str
    colour: RGB | None = None


def plain(text: str, most: int = CHARACTERS) -> list[Piece]:
    """A text as it is, at most `most` characters of it."""
    return [Piece(_clean(text[:most])), *_ellipsis(text, most)]


def question_pieces(text: str, names: Sequence[str], colours: Sequence[RGB]) -> list[Piece]:
    """A question, each `<mask>` replaced by the next of `names` in its colour."""
    head, *parts = text[:CHARACTERS].split(PLACEHOLDER)
    pieces = [Piece(_clean(head))]
    for name, colour, part in zip(names, colours, parts, strict=False):
        pieces += [Piece(name, colour), Piece(_clean(part))]
    return [*pieces, *_ellipsis(text, CHARACTERS)]


def grounded(text: str, colours: Sequence[RGB]) -> list[Piece]:
    """An answer, the phrase of each `[SEG]` in the colour of its track; a `[SEG]` without phrase stands for itself.

    Which phrase a `[SEG]` has is as `metrics.marks.groundings` says.
    """
    pieces: list[Piece] = []
    phrase: int | None = None
    number = 0
    for mark, words in _parts(text[:CHARACTERS]):
        if mark == CLOSE and pieces:
            phrase = len(pieces) - 1  # what was open until here
        if mark == SEGMENT:
            colour = colours[number] if number < len(colours) else None
            number += 1
            if phrase is None:
                pieces.append(Piece(SEGMENT, colour))
            else:
                pieces[phrase] = Piece(pieces[phrase].text.strip(), colour)
                if not any(piece.text.strip() for piece in pieces[phrase + 1 :]):
                    del pieces[phrase + 1 :]  # the blank before a [SEG] that is not shown
            phrase = None
        pieces.append(Piece(_clean(words)))
    return [*pieces, *_ellipsis(text, CHARACTERS)]


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Each mark with the text behind it; where there is none, and for a `</p>` that closes nothing, it is ''."""
    start, mark, is_open = 0, "", False
    for match in _tokens.finditer(text):
        yield mark, text[start : match.start()]
        start, mark = match.end(), match[0] if is_open or match[0] != CLOSE else ""
        is_open = match[0] == OPEN
    yield mark, text[start:]


def _clean(text: str) -> str:
    """The text without what is not to be seen: control characters, marks of direction, half characters."""
    return "".join(
        " " if character.isspace() else character for character in text if character.isspace() or not _hidden(character)
    )


def _hidden(character: str) -> bool:
    return unicodedata.category(character).startswith("C")


def _ellipsis(text: str, most: int) -> list[Piece]:
    return [Piece(f" … ({len(text):,} characters)")] if len(text) > most else []
