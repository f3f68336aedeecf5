"""Frames and masks at the size in which the page shows them."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from sama_bench.frames import Frame
from sama_bench.metrics import rle
from sama_bench.types import RLE

WIDTH, HEIGHT = 320, 320
FRAMES = 48
QUALITY = 72


def small_size(size: tuple[int, int]) -> tuple[int, int]:
    """The (height, width) at which frames of `size` (height, width) are shown: never larger than they are."""
    height, width = size
    scale = min(1.0, WIDTH / width, HEIGHT / height)
    return max(1, round(height * scale)), max(1, round(width * scale))


def places(length: int) -> list[int]:
    """The indices of the frames that are kept of a video: every one, or every second, third …, 48 at most."""
    return list(range(0, length, -(-length // FRAMES)))


def jpeg(frame: Frame, size: tuple[int, int]) -> bytes:
    """The frame as a JPEG file of `size` (height, width)."""
    file = io.BytesIO()
    Image.fromarray(frame).resize(size[::-1], Image.Resampling.LANCZOS, reducing_gap=2.0).save(
        file, "JPEG", quality=QUALITY
    )
    return file.getvalue()


def counts(track: Sequence[RLE | None], indices: Sequence[int], size: tuple[int, int]) -> list[str | None]:
    """COCO's compressed counts of a track's masks in the frames `indices`, at `size`; None where one is empty."""
    return [_counts(track[index], size) for index in indices]


def _counts(mask: RLE | None, size: tuple[int, int]) -> str | None:
    if mask is None:
        return None
    small = rle.resize(mask, size) or _dots(mask, size)
    return None if small is None else small["counts"]


def _dots(mask: RLE, size: tuple[int, int]) -> RLE | None:
    """The mask at `size` with each pixel of it kept, however small it is."""
    rows, columns = np.nonzero(rle.decode(mask, (mask["size"][0], mask["size"][1])))
    pixels = np.zeros(size, bool)
    pixels[rows * size[0] // mask["size"][0], columns * size[1] // mask["size"][1]] = True
    return rle.encode(pixels)
