"""A sheet that things are drawn on, and the sprite that is cut out of it.

Coordinates are picture pixels from the sprite's pivot, x to the right and y down. A sheet is drawn
`FINE` times as fine as the picture; the sprite keeps `DENSE` pixels for each picture pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sama_bench.demo.outline import Points, fill
from sama_bench.demo.texture import SIDE, grain, random

Colour: TypeAlias = tuple[int, int, int]
Skin: TypeAlias = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.bool_]]
FINE = 4
DENSE = 2


@dataclass(frozen=True, eq=False)
class Sprite:
    """A drawn thing: `rgba` (H, W, 4) uint8 at `DENSE` pixels a picture pixel, `pivot` its (x, y) there."""

    rgba: NDArray[np.uint8]
    pivot: tuple[int, int]


class Sheet:
    """Shapes drawn over each other, each lit from the upper left and covered with grain."""

    def __init__(self, left: int, top: int, right: int, bottom: int, seed: int = 0) -> None:
        self.origin = np.array([left, top])
        self.rgb = np.zeros(((bottom - top) * FINE, (right - left) * FINE, 3), dtype=np.float32)
        self.alpha = np.zeros(self.rgb.shape[:2], dtype=np.uint8)
        self.offset = random(seed).integers(0, SIDE - max(self.alpha.shape), size=2)

    def draw(
        self,
        points: Points,
        colour: Colour,
        *,
        light: float = 0.22,
        rough: float = 0.10,
        rim: float = 0.0,
        ball: bool = False,
        solid: int = 255,
        skin: tuple[Skin, Colour] | None = None,
    ) -> Sheet:
        """Fill one outline; gives the sheet back, so that calls chain.

        `light` is how strongly it is shaded, over a ball where `ball`, else from corner to corner; `rough`
        the weight of the grain; `rim` the width of a darker edge; `solid` its opacity; `skin` a second
        colour wherever a function of the place (x, y in picture pixels) is true.
        """
        place = np.rint((points - self.origin) * FINE).astype(np.int64)
        left, top = np.maximum(place.min(axis=0), 0)
        right, bottom = np.minimum(place.max(axis=0) + 1, self.alpha.shape[::-1])
        if right <= left or bottom <= top:
            return self
        height, width = int(bottom - top), int(right - left)
        inside = fill(place - (left, top), height, width)
        paint = np.empty((height, width, 3), dtype=np.float32)
        paint[:] = colour
        if skin is not None:
            rows = (np.arange(top, bottom, dtype=np.float32)[:, None] + 0.5) / FINE + self.origin[1]
            columns = (np.arange(left, right, dtype=np.float32)[None, :] + 0.5) / FINE + self.origin[0]
            paint[np.broadcast_to(skin[0](columns, rows), (height, width))] = skin[1]
        dy, dx = self.offset + np.array([top, left])
        shade = _lit(height, width, light, ball) + rough * grain()[dy : dy + height, dx : dx + width]
        if rim:
            shade = np.where(_inner(inside, max(1, round(rim * FINE))), shade, shade * 0.62)
        window = np.s_[top:bottom, left:right]
        np.copyto(self.rgb[window], paint * shade[..., None], where=inside[..., None])
        np.copyto(self.alpha[window], np.uint8(solid), where=inside & (self.alpha[window] < solid))
        return self

    def sprite(self, outline: float = 0.5, shade: float = 0.5) -> Sprite:
        """Cut the drawing out, its silhouette darkened to `shade` over a width of `outline` picture pixels."""
        rgb = np.clip(self.rgb, 0, 255)
        if outline:
            rgb[~_inner(self.alpha > 0, max(1, round(outline * FINE)))] *= shade
        weight = self.alpha.astype(np.float32)[..., None]
        total = _blocks(weight)
        colour = _blocks(rgb * weight) / np.maximum(total, 1.0)
        rgba = np.concatenate([colour, total / (FINE // DENSE) ** 2], axis=2)
        pivot = -self.origin * DENSE
        return Sprite(np.rint(rgba).astype(np.uint8), (int(pivot[0]), int(pivot[1])))


def _lit(height: int, width: int, light: float, ball: bool) -> NDArray[np.float32]:
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    shaded: NDArray[np.float32]
    if not ball:
        shaded = 1 - np.float32(light) * (0.35 * x + 0.65 * y)
        return shaded
    away = (x + 0.4) ** 2 + (y + 0.45) ** 2
    glint = np.exp(-away * 14, dtype=np.float32) * np.float32(0.5)
    shaded = 1 + light * (0.8 - away) + light * glint
    return shaded


def _inner(mask: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    padded = np.pad(mask, width)
    height, breadth = mask.shape
    inner = mask.copy()
    for dy, dx in ((0, width), (2 * width, width), (width, 0), (width, 2 * width)):
        inner &= padded[dy : dy + height, dx : dx + breadth]
    return inner


def _blocks(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sums over blocks of FINE / DENSE pixels a side."""
    step = FINE // DENSE
    parts = [values[row::step, column::step] for row in range(step) for column in range(step)]
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total


def soft_spot(rx: float, ry: float, strength: int = 110) -> Sprite:
    """A soft dark ellipse: the shadow that a thing casts on the ground."""
    height, width = int(2 * ry * DENSE), int(2 * rx * DENSE)
    y = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / height * 2 - 1
    x = (np.arange(width, dtype=np.float32)[None, :] + 0.5) / width * 2 - 1
    rgba = np.zeros((height, width, 4), dtype=np.uint8)
    rgba[..., :3] = (18, 20, 32)
    rgba[..., 3] = np.rint(strength * np.clip(1.15 - (x * x + y * y), 0, 1))
    return Sprite(rgba, (width // 2, height // 2))
