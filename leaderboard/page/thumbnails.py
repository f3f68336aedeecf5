"""Frames and masks at the sizes in which the page shows them: small ones, and sharp ones for the full screen."""

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
# Sharp frames: their longer side in pixels, and how many of them a page has at most.
SHARP, SHARP_FRAMES, SHARP_QUALITY = 854, 480, 80


def small_size(size: tuple[int, int]) -> tuple[int, int]:
    """The (height, width) at which frames of `size` (height, width) are shown: never larger than they are."""
    return _within(size, min(WIDTH / size[1], HEIGHT / size[0]))


def sharp_size(size: tuple[int, int]) -> tuple[int, int]:
    """The (height, width) of the sharp frames of a video whose frames are of `size`: never larger than they are."""
    return _within(size, SHARP / max(size))


def _within(size: tuple[int, int], scale: float) -> tuple[int, int]:
    height, width = (max(1, round(side * min(1.0, scale))) for side in size)
    return height, width


def places(length: int) -> list[int]:
    """The indices of the frames that are kept of a video: every one, or every second, third …, 48 at most."""
    return list(range(0, length, -(-length // FRAMES)))


def sharp_places(indices: Sequence[int], videos: int) -> list[int]:
    """The kept frames that are sharp, too: every one, or every second …, so that a page of `videos` is bounded."""
    most = max(1, SHARP_FRAMES // max(1, videos))
    return list(indices[:: -(-len(indices) // most)])


def jpeg(frame: Frame, size: tuple[int, int], quality: int = QUALITY) -> bytes:
    """The frame as a JPEG file of `size` (height, width)."""
    file = io.BytesIO()
    Image.fromarray(frame).resize(size[::-1], Image.Resampling.LANCZOS, reducing_gap=2.0).save(
        file, "JPEG", quality=quality
    )
    return file.getvalue()


def counts(track: Sequence[RLE | None], indices: Sequence[int], size: tuple[int, int]) -> list[str | None]:
    """COCO's compressed counts of a track's masks in the frames `indices`, at `size`; None where one is empty."""
    return [_counts(track[index], size) for index in indices]


def _counts(mask: RLE | None, size: tuple[int, int]) -> str | None:
    if mask is None:
        return None
    if tuple(mask["size"]) == size:
        return mask["counts"]
    small = rle.resize(mask, size) or _dots(mask, size)
    return None if small is None else small["counts"]


def _dots(mask: RLE, size: tuple[int, int]) -> RLE | None:
    """The mask at `size` with each pixel of it kept, however small it is."""
    rows, columns = np.nonzero(rle.decode(mask, (mask["size"][0], mask["size"][1])))
    pixels = np.zeros(size, bool)
    pixels[rows * size[0] // mask["size"][0], columns * size[1] // mask["size"][1]] = True
    return rle.encode(pixels)
