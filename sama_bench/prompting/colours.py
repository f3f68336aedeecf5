"""Colours that can be told apart and have plain names, in the order in which marks take them."""

from __future__ import annotations

from PIL import ImageColor

# The order is that of SAMA's protocol for Gemini, so that a question's first referent is red there and here.
NAMES = (
    "red", "blue", "green", "yellow", "orange", "purple", "cyan", "magenta", "lime", "pink",
    "brown", "beige", "navy", "teal", "violet", "gold", "silver", "coral", "salmon", "indigo",
)  # fmt: skip

RGB = tuple[int, int, int]


def name(number: int) -> str:
    """The colour's name of mark `number`, from 0; after twenty they come again."""
    return NAMES[number % len(NAMES)]


def rgb(number: int) -> RGB:
    """The colour of mark `number`, from 0, as 0…255."""
    red, green, blue = ImageColor.getrgb(name(number))[:3]
    return red, green, blue


def is_light(colour: RGB) -> bool:
    """True if black is read better than white on `colour`."""
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue > 150
