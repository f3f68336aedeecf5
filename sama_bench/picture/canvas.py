"""A sheet of blocks one below the other: headings, texts and rows of frames."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

from sama_bench.picture import typography
from sama_bench.picture.spans import Piece
from sama_bench.prompting.colours import RGB

WIDTH, MARGIN, GAP = 1600, 48, 12
INK: RGB = (28, 32, 38)
GREY: RGB = (112, 120, 132)
PALE: RGB = (226, 230, 235)
ALARM: RGB = (190, 40, 40)
PAPER: RGB = (255, 255, 255)


class Sheet:
    """A sheet that grows downwards as things are put on it; `png` gives all of it."""

    def __init__(self) -> None:
        self._blocks: list[Image.Image] = []

    def heading(self, text: str, beside: str = "") -> None:
        """The name of what follows, in small grey capitals under a line, and a remark beside it."""
        block = Image.new("RGB", (WIDTH, 46), PAPER)
        pen = ImageDraw.Draw(block)
        pen.line((MARGIN, 10, WIDTH - MARGIN, 10), fill=PALE, width=2)
        pen.text((MARGIN, 32), text.upper(), font=typography.font(17), fill=GREY, anchor="lm")
        begin = MARGIN + typography.font(17).getlength(text.upper()) + 16
        pen.text((begin, 32), beside, font=typography.font(17), fill=GREY, anchor="lm")
        self._blocks.append(block)

    def text(self, pieces: Sequence[Piece], size: int = 24, ink: RGB = INK, most: int = typography.LINES) -> None:
        """A text over the whole width, of at most `most` lines."""
        set_lines = typography.lines(pieces, size, WIDTH - 2 * MARGIN, most)
        block = Image.new("RGB", (WIDTH, len(set_lines) * typography.line_height(size) + 6), PAPER)
        typography.write(block, (MARGIN, 0), pieces, set_lines, size, ink)
        self._blocks.append(block)

    def row(self, pictures: Sequence[Image.Image], captions: Sequence[str]) -> None:
        """Pictures side by side, a caption below each."""
        block = Image.new("RGB", (WIDTH, max(picture.height for picture in pictures) + 38), PAPER)
        pen = ImageDraw.Draw(block)
        cell = cell_width(len(pictures))
        for number, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
            left = MARGIN + number * (cell + GAP)
            block.paste(picture, (left + (cell - picture.width) // 2, 4))
            middle = left + cell // 2
            pen.text((middle, picture.height + 18), caption, font=typography.font(15), fill=GREY, anchor="mm")
        self._blocks.append(block)

    def png(self) -> bytes:
        """The sheet as a PNG file; the same blocks give the same bytes."""
        sheet = Image.new("RGB", (WIDTH, sum(block.height for block in self._blocks) + 2 * 28), PAPER)
        top = 28
        for block in self._blocks:
            sheet.paste(block, (0, top))
            top += block.height
        file = io.BytesIO()
        sheet.save(file, "PNG")
        return file.getvalue()


def cell_width(count: int) -> int:
    """The most width of each of `count` pictures of a row."""
    return (WIDTH - 2 * MARGIN - (count - 1) * GAP) // count


def fitting(size: tuple[int, int], count: int, highest: int = 420) -> tuple[int, int]:
    """The (width, height) at which a frame of `size` (height, width) stands in a row of `count`."""
    height, width = size
    scale = min(cell_width(count) / width, highest / height)
    return max(1, round(width * scale)), max(1, round(height * scale))
