"""Referents as marks on frames, and the words that name a mark."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sama_bench.frames import Frame
from sama_bench.prompting import colours
from sama_bench.types import Mask, Question, Region

FORMS = ("box", "outline", "number")
PLACEHOLDER = "<mask>"
NOWHERE = "an object that is not visible"
# A line's width is this share of the longer side, and at least two pixels.
LINE = 1 / 160
NOUN = 40
_noun = re.compile(r"\bthe\s{1,9}(?:object|region)\s{0,9}$", re.IGNORECASE)


class Mark(NamedTuple):
    """The mark of a referent: its number from 0, and the frame that carries it (the first that shows it).

    `frame` is None for a referent that is visible nowhere.
    """

    number: int
    frame: int | None
    region: Region


def marks_of(question: Question) -> list[Mark]:
    """The mark of each region of the question, in order; the same region named twice has one mark."""
    question_marks: list[Mark] = []
    numbers: dict[tuple[int | None, object], int] = {}
    for region in question.regions:
        first = next(iter(region.visible), None)
        mask = None if first is None else region.track[first]
        key = (first, None if mask is None else (tuple(mask["size"]), str(mask["counts"])))
        number = numbers.setdefault(key, len(numbers))
        question_marks.append(Mark(number, first, region))
    return question_marks


def name(mark: Mark, form: str) -> str:
    """The words that name a mark: `the object in the red box`, `the object outlined in red`, `object [1]`."""
    if mark.frame is None:
        return NOWHERE
    if form == "number":
        return f"object [{mark.number + 1}]"
    colour = colours.name(mark.number)
    return f"the object in the {colour} box" if form == "box" else f"the object outlined in {colour}"


def in_words(text: str, names: Sequence[str], *, verbatim: bool = False) -> str:
    """The question's text with each `<mask>` replaced by the next of `names`.

    As a name says itself that it names an object, `the object <mask>` and `the region <mask>` become the name alone;
    not where `verbatim`.
    """
    head, *parts = text.split(PLACEHOLDER)
    for name, part in zip(names, parts, strict=True):
        noun = None if verbatim else _noun.search(head[-NOUN:])
        if noun is not None:
            head = head[: len(head) - len(noun[0])]
        begins = noun is not None and noun[0].startswith("T")
        head += (name[0].upper() + name[1:] if begins else name) + part
    return head


def marked(question: Question, form: str) -> tuple[str, Callable[[int], Frame]]:
    """The question for a model that takes no regions: its text with marks put into words, and its frames with marks.

    The function gives frame `index` of the video at its own size. `form` is one of FORMS.
    """
    question_marks = marks_of(question)

    def frame(index: int) -> Frame:
        return draw(question.video.frame(index), question_marks, index, form)

    return in_words(question.text, [name(mark, form) for mark in question_marks]), frame


def draw(frame: Frame, marks: Sequence[Mark], index: int, form: str, inner: int | None = None) -> Frame:
    """A copy of frame `index` of the video, (h, w, 3) uint8, of whatever size, with the marks that it carries.

    Lines go around the region, so that all of it stays to be seen, and are as wide as the frame is large. With `inner`
    a box has plain lines of so many pixels inside its region.
    """
    picture = Image.fromarray(frame)
    pen = ImageDraw.Draw(picture)
    thick = max(2, round(max(frame.shape[:2]) * LINE))
    for mark in {mark.number: mark for mark in marks if mark.frame == index}.values():
        mask = _resized(mark.region.mask(index), picture.size)
        if inner is not None:
            pen.rectangle(corners(mask), outline=colours.rgb(mark.number), width=inner)
        else:
            _draw(pen, mark, mask, form, thick)
    marked_frame: Frame = np.asarray(picture)
    return marked_frame


def _resized(mask: Mask, size: tuple[int, int]) -> Mask:
    """The mask at `size` (width, height), with at least one pixel where it had one."""
    if mask.shape == size[::-1]:
        return mask
    # The share of each new pixel that is covered: nearest neighbour would lose what is thin.
    small = np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize(size, Image.Resampling.BOX))
    return np.asarray(small >= max(1, min(128, int(small.max()))))


def _draw(pen: ImageDraw.ImageDraw, mark: Mark, mask: Mask, form: str, thick: int) -> None:
    colour = colours.rgb(mark.number)
    _outline(pen, _filled(mask) if form == "box" else mask, colour, thick)
    if form == "number":
        _tag(pen, str(mark.number + 1), mask, colour, thick)


def corners(mask: Mask) -> tuple[int, int, int, int]:
    """The first and last column and row (x0, y0, x1, y1) of a mask with at least one pixel."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


def _filled(mask: Mask) -> Mask:
    x0, y0, x1, y1 = corners(mask)
    box = np.zeros_like(mask)
    box[y0 : y1 + 1, x0 : x1 + 1] = True
    return box


def _outline(pen: ImageDraw.ImageDraw, mask: Mask, colour: colours.RGB, thick: int) -> None:
    """A line of `thick` pixels around the region (along the picture's edge inside), and a dark pixel around that."""
    import cv2

    solid, kernel = mask.astype(np.uint8), np.ones((3, 3), np.uint8)
    outer = cv2.dilate(solid, kernel, iterations=thick) > 0
    rim = np.ones_like(mask)
    rim[thick:-thick, thick:-thick] = False
    halo = cv2.dilate(outer.astype(np.uint8), kernel) > 0
    pen.bitmap((0, 0), _bitmap(halo & ~outer), fill=(0, 0, 0))
    pen.bitmap((0, 0), _bitmap(outer & (~mask | rim)), fill=colour)


def _bitmap(mask: Mask) -> Image.Image:
    return Image.fromarray(mask.astype(np.uint8) * 255).convert("1")


def _tag(pen: ImageDraw.ImageDraw, text: str, mask: Mask, colour: colours.RGB, thick: int) -> None:
    """A number on a ground of the colour: above the region's left upper corner, inside where no room is above."""
    font = ImageFont.load_default(size=max(12, 6 * thick))
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
    wide, high = right - left + 2 * thick, bottom - top + 2 * thick
    x0, y0, _, _ = corners(mask)
    x = max(0, min(x0 - thick, mask.shape[1] - wide))
    y = y0 - thick - high if y0 >= thick + high else max(0, min(y0, mask.shape[0] - high))
    pen.rectangle((x, y, x + wide - 1, y + high - 1), fill=colour)
    ink = (0, 0, 0) if colours.is_light(colour) else (255, 255, 255)
    pen.text((x + thick - left, y + thick - top), text, font=font, fill=ink)
