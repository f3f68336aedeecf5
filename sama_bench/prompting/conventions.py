"""In which numbers a model writes a box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Corners(NamedTuple):
    """A box as fractions of the picture's width and height: x0 < x1 and y0 < y1, all in 0…1."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class Convention:
    """A convention by which four numbers are a box.

    `scale` is what the far edge of the picture is written as, None where it is the picture's size in pixels as the
    model sees it. `key` is the JSON key that the model knows, `words` how a prompt describes the numbers.
    """

    name: str
    order: str
    scale: float | None
    key: str
    words: str

    def write(self, box: Corners, size: tuple[int, int]) -> list[int]:
        """The box as the model writes it, in whole numbers; `size` is (height, width) as the model sees it."""
        width, height = (float(size[1]), float(size[0])) if self.scale is None else (self.scale, self.scale)
        x0, y0, x1, y1 = (round(side) for side in (box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height))
        return [x0, y0, x1, y1] if self.order == "xyxy" else [y0, x0, y1, x1]

    def read(self, numbers: Sequence[float], size: tuple[int, int], *, fractions: bool = False) -> Corners | None:
        """Four numbers as a box, clipped to the picture, swapped corners put right; None where nothing is left.

        With `fractions` the model wrote 0…1 in place of what this convention says.
        """
        if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
            return None
        width, height = (float(size[1]), float(size[0])) if self.scale is None else (self.scale, self.scale)
        if fractions:
            width = height = 1.0
        a, b, c, d = numbers
        xs, ys = ((a, c), (b, d)) if self.order == "xyxy" else ((b, d), (a, c))
        (x0, x1), (y0, y1) = _span(xs, width), _span(ys, height)
        return Corners(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _span(ends: tuple[float, float], far: float) -> tuple[float, float]:
    low, high = sorted(ends)
    return min(max(low / far, 0.0), 1.0), min(max(high / far, 0.0), 1.0)


CONVENTIONS = {
    convention.name: convention
    for convention in (
        Convention("xyxy-1000", "xyxy", 1000.0, "bbox_2d", "[x0, y0, x1, y1], from 0 to 1000 of the width and height"),
        Convention("yxyx-1000", "yxyx", 1000.0, "box_2d", "[y0, x0, y1, x1], from 0 to 1000 of the height and width"),
        Convention("pixels", "xyxy", None, "bbox_2d", "[x0, y0, x1, y1] in pixels"),
    )
}
