"""Pictures as the two encoders take them. PIL resizes, as in the released code: torchvision gives other values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from sama_bench.frames import Frame

SIDE = 448
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
MOST_TILES = 12


def for_vision(pictures: Sequence[Image.Image]) -> Tensor:
    """(F, 3, 448, 448) float32, normalised with ImageNet's mean and deviation."""
    return torch.stack([_for_vision(picture) for picture in pictures])


def _for_vision(picture: Image.Image) -> Tensor:
    pixels = _pixels(picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)).float().div(255)
    return pixels.sub_(_column(MEAN)).div_(_column(DEVIATION))


def for_sam2(frame: Frame, side: int) -> Tensor:
    """(3, side, side) float32 of an (H, W, 3) uint8 frame; mean and deviation are rounded to bfloat16, always."""
    mean, deviation = (_column(channels).bfloat16() for channels in (MEAN, DEVIATION))
    pixels = _pixels(Image.fromarray(frame).resize((side, side), Image.Resampling.BICUBIC)) / 255.0
    return pixels.sub_(mean).div_(deviation)


def tiles(picture: Image.Image) -> list[Image.Image]:
    """An image cut into up to 12 tiles of 448 x 448, as near to its form as may be, and the whole as the last one.

    An image that is one tile has no other.
    """
    columns, rows = _grid(picture.width, picture.height)
    large = picture.resize((columns * SIDE, rows * SIDE))
    cut = [
        large.crop((column * SIDE, row * SIDE, (column + 1) * SIDE, (row + 1) * SIDE))
        for row in range(rows)
        for column in range(columns)
    ]
    return cut if len(cut) == 1 else [*cut, picture.resize((SIDE, SIDE))]


def _grid(width: int, height: int) -> tuple[int, int]:
    """Columns and rows: of the grids whose form is nearest the larger one where the image has the pixels for it."""
    counts = range(1, MOST_TILES + 1)
    grids = {(columns, rows) for columns in counts for rows in counts if columns * rows <= MOST_TILES}
    best, nearest = (1, 1), float("inf")
    for grid in sorted(grids, key=lambda grid: grid[0] * grid[1]):
        difference = abs(width / height - grid[0] / grid[1])
        if difference < nearest:
            best, nearest = grid, difference
        elif difference == nearest and width * height > 0.5 * SIDE * SIDE * grid[0] * grid[1]:
            best = grid
    return best


def _pixels(picture: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(picture.convert("RGB"), np.uint8)).permute(2, 0, 1).contiguous()


def _column(values: Sequence[float]) -> Tensor:
    return torch.tensor(values, dtype=torch.float32)[:, None, None]
