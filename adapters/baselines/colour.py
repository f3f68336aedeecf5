"""Colour names for the pixels under a mask."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from sama_bench.types import Frame, Mask

NAMES = (
    *("black", "white", "grey", "red", "orange", "brown", "yellow", "green"),
    *("turquoise", "blue", "purple", "pink"),
)
_HUES = ((7, "red"), (22, "orange"), (35, "yellow"), (80, "green"), (98, "turquoise"), (130, "blue"), (150, "purple"))
_SECOND = 0.3
"""Share of the pixels from which a second colour is named."""


def colour_name(frame: Frame, mask: Mask) -> str:
    """Name the colour, or the two colours ("red and white"), of the pixels under a mask.

    `frame` is (H, W, 3) uint8 RGB, `mask` (H, W) bool; '' where the mask is empty.
    """
    pixels = frame[mask]
    if not len(pixels):
        return ""
    shares = np.bincount(_colour_indices(pixels), minlength=len(NAMES)) / len(pixels)
    best, second = (int(index) for index in np.argsort(-shares, kind="stable")[:2])
    return f"{NAMES[best]} and {NAMES[second]}" if shares[second] >= _SECOND else NAMES[best]


def _colour_indices(pixels: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Give the index in NAMES of each of (N, 3) RGB pixels."""
    hue, saturation, value = cv2.cvtColor(pixels[None], cv2.COLOR_RGB2HSV)[0].astype(np.int16).T
    names = np.full(len(hue), NAMES.index("pink"))
    names[hue >= 172] = NAMES.index("red")
    for end, name in reversed(_HUES):
        names[hue < end] = NAMES.index(name)
    names[(names == NAMES.index("orange")) & (value < 150)] = NAMES.index("brown")
    names[(names == NAMES.index("red")) & (saturation < 120) & (value > 190)] = NAMES.index("pink")
    pale = saturation < np.where(value > 90, 45, 70)
    names[pale] = NAMES.index("grey")
    names[pale & (value > 200)] = NAMES.index("white")
    names[value < 50] = NAMES.index("black")
    return names
