"""Seeded textures: noise that clouds, water, grass and the skins of things are made of."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
SIDE = 1536


def random(seed: int) -> np.random.Generator:
    """The only source of chance in the demo: PCG64 seeded with `seed`."""
    return np.random.Generator(np.random.PCG64(seed))


def noise(height: int, width: int, seed: int, cell: float, stretch: float = 1.0, octaves: int = 4) -> Field:
    """Smooth noise of mean 0 within about -1 to 1, (height, width) float32.

    Its largest lumps are `cell` pixels high and `cell * stretch` wide; each octave halves size and weight.
    """
    chance = random(seed)
    total = np.zeros((height, width), dtype=np.float32)
    weight = 1.0
    for _ in range(octaves):
        rows, columns = int(height / cell) + 3, int(width / (cell * stretch)) + 3
        lattice = chance.random((rows, columns), dtype=np.float32) * 2 - 1
        big = (int(columns * cell * stretch) + 1, int(rows * cell) + 1)
        total += weight * cv2.resize(lattice, big, interpolation=cv2.INTER_CUBIC)[:height, :width]
        cell, weight = max(cell / 2, 1.0), weight / 2
    return total


@lru_cache(maxsize=1)
def grain() -> Field:
    """A sheet of fine noise, (SIDE, SIDE) float32 of mean 0: the surface of everything that is drawn."""
    return noise(SIDE, SIDE, 7, 22, octaves=4)


def ramp(top: tuple[int, int, int], bottom: tuple[int, int, int], height: int, width: int) -> Field:
    """A picture that goes from one colour at the top to another at the bottom, (height, width, 3)."""
    t = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    row = np.asarray(top, np.float32) * (1 - t) + np.asarray(bottom, np.float32) * t
    return np.ascontiguousarray(np.broadcast_to(row, (height, width, 3)))
