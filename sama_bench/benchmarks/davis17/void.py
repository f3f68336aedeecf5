"""Pixels that DAVIS leaves to nobody: 255 in the label images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from sama_bench.errors import UserError
from sama_bench.frames import BROKEN
from sama_bench.metrics import rle
from sama_bench.metrics.rle import Checked

VOID = 255


def void_track(folder: Path, frames: Sequence[str], size: tuple[int, int]) -> Checked | None:
    """The void pixels of each frame; None where the folder of label images is not there.

    Raises UserError where a label image is missing, cannot be read, or is not of `size` (H, W).
    """
    if not folder.is_dir():
        return None
    return Checked(_void(folder / f"{name}.png", size) for name in frames)


def _void(path: Path, size: tuple[int, int]) -> rle.RLE | None:
    try:
        with Image.open(path) as image:
            labels = np.asarray(image)
    except BROKEN as problem:
        raise UserError(f"{path}: no label image that can be read ({problem}); copy it there") from problem
    if labels.shape != size:
        raise UserError(f"{path}: is not a label image of {size[0]}x{size[1]} (height x width); copy it there again")
    return rle.encode(labels == VOID)
