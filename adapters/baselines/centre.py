"""The middle of a picture, for models that are told of no region and look for none."""

from __future__ import annotations

import numpy as np

from sama_bench.types import Mask


def centre_box(size: tuple[int, int]) -> Mask:
    """The box of half of each side in the middle, (H, W) bool; of a side of one pixel all of it."""
    height, width = size
    mask: Mask = np.zeros(size, bool)
    top, left = height // 4, width // 4
    mask[top : max(height - top, top + 1), left : max(width - left, left + 1)] = True
    return mask
