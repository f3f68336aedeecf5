"""Masks for region encoders that resize them to a grid of cells: none too thin, none of far-apart specks."""

from __future__ import annotations

import math

import numpy as np

from sama_bench.types import Mask

CELL, AROUND = 14, 28
"""The side of a cell in pixels, and how far beyond a mask's box its picture reaches."""
MOST_PIXELS = 4_000_000
"""The most pixels of the picture of a mask; a whole frame of it comes to less than 100 cells of a side."""


class RegionFit:
    """Makes masks fit for VideoRefer's second generation and PixelRefer, and counts what was changed.

    Their code enlarges a small mask's box until the mask has `tokens` cells, resizes it to cells, and gives it as many
    tokens as cells are left: a thin mask has none, and specks far from each other ask for a huge picture.
    """

    def __init__(self, tokens: int) -> None:
        self._tokens = tokens
        self.widened = self.parted = 0

    def fit(self, mask: Mask) -> Mask:
        """The mask, its largest part alone where it is of far-apart specks, widened where it is too thin.

        Raises ValueError for a mask without a pixel.
        """
        if not mask.any():
            raise ValueError("the region's mask has no pixel")
        if _pixels(mask, self._tokens) > MOST_PIXELS:
            mask = _largest(mask)
            self.parted += 1
        fitting = mask
        while not _cells(fitting, self._tokens):
            fitting = _wider(fitting)
        self.widened += fitting is not mask
        return fitting

    def notes(self) -> list[str]:
        """A line for each kind of change that was made."""
        lines = []
        if self.widened:
            lines.append(
                f"{self.widened} region masks were widened: as thin as they are, the model sees nothing of them"
            )
        if self.parted:
            lines.append(f"of {self.parted} region masks only the largest part was shown: they are of far-apart specks")
        return lines


def _box(mask: Mask) -> tuple[int, int, int, int]:
    """Top, left, bottom and right of the mask's picture, as their code cuts it."""
    rows, columns = np.nonzero(mask)
    return (
        max(0, int(rows.min()) - AROUND),
        max(0, int(columns.min()) - AROUND),
        min(mask.shape[0] - 1, int(rows.max()) + AROUND),
        min(mask.shape[1] - 1, int(columns.max()) + AROUND),
    )


def _size(mask: Mask, tokens: int) -> tuple[int, int]:
    """Height and width of the mask's picture in cells."""
    top, left, bottom, right = _box(mask)
    area = int(mask.sum())
    scale = float(math.ceil(math.sqrt(CELL * CELL * tokens / area)))
    if scale == 1 and area / CELL**2 > 100:
        scale = 1 / math.sqrt(area / CELL**2 / 100)
    return math.ceil((bottom - top) * scale / CELL), math.ceil((right - left) * scale / CELL)


def _pixels(mask: Mask, tokens: int) -> int:
    height, width = _size(mask, tokens)
    return height * width * CELL * CELL


def _cells(mask: Mask, tokens: int) -> int:
    """How many cells are left of the mask, by the very operation of their code."""
    import torch

    top, left, bottom, right = _box(mask)
    cropped = torch.from_numpy(mask[top:bottom, left:right].astype(np.uint8))[None, None]
    cells = torch.nn.functional.interpolate(cropped, size=_size(mask, tokens), mode="bilinear", align_corners=False)
    return int(cells.sum())


def _largest(mask: Mask) -> Mask:
    import cv2

    _, labels, areas, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    largest: Mask = labels == 1 + int(areas[1:, cv2.CC_STAT_AREA].argmax())
    return largest


def _wider(mask: Mask) -> Mask:
    import cv2

    wider: Mask = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    return wider
