"""Set text: fonts, lines that fit a width, and phrases on a ground of their colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from sama_bench.picture.palette import ink_on
from sama_bench.picture.spans import Piece
from sama_bench.prompting.colours import RGB

LINES = 12
PAD = 5


class Word(NamedTuple):
    """A word on its line: where it begins, how wide it is, and which piece it is of."""

    x: float
    width: float
    text: str
    piece: int


@lru_cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's own font, the same on each machine; without the shaping that only some of them have."""
    loaded = ImageFont.load_default(size)
    assert isinstance(loaded, ImageFont.FreeTypeFont)  # always so where a size is given
    return loaded.font_variant(layout_engine=ImageFont.Layout.BASIC)


def line_height(size: int) -> int:
    """The distance of lines."""
    return round(size * 1.55)


def lines(pieces: Sequence[Piece], size: int, width: int, most: int = LINES) -> list[list[Word]]:
    """Break pieces into lines of at most `width` pixels; what is beyond `most` lines is left out, with an ellipsis."""
    broken: list[list[Word]] = [[]]
    x = 0.0
    space = font(size).getlength(" ")
    for number, word, spaced in _words(pieces, size, width):
        wide = font(size).getlength(word)
        pad = PAD if pieces[number].colour is not None else 0
        x += space if spaced and broken[-1] else 0
        begins = not (broken[-1] and broken[-1][-1].piece == number)
        if broken[-1] and x + wide + pad * (1 + begins) > width:
            broken.append([])
            x, begins = 0.0, True
        x += pad if begins else 0
        broken[-1].append(Word(x, wide, word, number))
        x += wide + (pad if _ends(pieces[number].text, word) else 0)
    return _cut(broken, most)


def _ends(text: str, word: str) -> bool:
    return text.rstrip().endswith(word)


def _cut(all_lines: list[list[Word]], most: int) -> list[list[Word]]:
    if len(all_lines) <= most:
        return [line for line in all_lines if line]
    kept_lines = all_lines[:most]
    last = kept_lines[-1][-1]
    kept_lines[-1][-1] = last._replace(text=f"{last.text} …")
    return kept_lines


def _words(pieces: Sequence[Piece], size: int, width: int) -> Iterator[tuple[int, str, bool]]:
    """Piece, word, and whether a space goes before it; a word that is wider than a line comes in parts."""
    spaced = False
    for number, piece in enumerate(pieces):
        if piece.text[:1].isspace():
            spaced = True
        for word in piece.text.split():
            for part in _fitting(word, size, width):
                yield number, part, spaced
                spaced = False
            spaced = True
        spaced = piece.text[-1:].isspace() or (spaced and not piece.text.strip())


def _fitting(word: str, size: int, width: int) -> Iterator[str]:
    most = max(1, int((width - 2 * PAD) / size))  # no character is wider than the font is high
    if font(size).getlength(word[: 4 * most]) <= width - 2 * PAD and len(word) <= 4 * most:
        yield word
        return
    for begin in range(0, len(word), most):
        yield word[begin : begin + most]


def write(
    sheet: Image.Image, place: tuple[int, int], pieces: Sequence[Piece], set_lines: Sequence[Sequence[Word]],
    size: int, ink: RGB,
) -> None:  # fmt: skip
    """Draw the lines with their left upper corner at `place`."""
    pen = ImageDraw.Draw(sheet)
    left, top = place
    for number, line in enumerate(set_lines):
        middle = top + number * line_height(size) + line_height(size) // 2
        for run in _runs(line):
            colour = pieces[run[0].piece].colour
            if colour is not None:
                ends = (left + run[0].x - PAD, left + run[-1].x + run[-1].width + PAD)
                half = round(size * 0.68)
                pen.rounded_rectangle((ends[0], middle - half, ends[1], middle + half), 5, fill=colour)
            for word in run:
                pen.text(
                    (left + word.x, middle), word.text, font=font(size), anchor="lm",
                    fill=ink if colour is None else ink_on(colour),
                )  # fmt: skip


def _runs(line: Sequence[Word]) -> Iterator[list[Word]]:
    """The words of a line, those of one piece together."""
    run: list[Word] = []
    for word in line:
        if run and run[-1].piece != word.piece:
            yield run
            run = []
        run.append(word)
    if run:
        yield run
