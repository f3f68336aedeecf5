"""A mask of one frame as a PNG picture: read from what people have, written as servers take it."""

from __future__ import annotations

import io
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sama_bench.frames import BROKEN

MODES = ("1", "L", "P")
SPARE = 1 << 20  # bytes that a picture may have beside one for each pixel
SERVER_MODE = "L"
WHITE = 255


class NoMask(ValueError):
    """A picture that is no mask of the frame; the message says why, and what was expected."""


class Picture(NamedTuple):
    """The (H, W) uint8 values of a picture, and its mode."""

    pixels: NDArray[np.uint8]
    mode: str


def most_bytes(size: tuple[int, int]) -> int:
    """How many bytes a picture of `size` (H, W) with one value a pixel may have, however badly it is packed."""
    return 2 * size[0] * size[1] + SPARE


def picture_of(content: bytes, size: tuple[int, int]) -> Picture:
    """The picture that a PNG file holds. Raises NoMask where it is none of `size` (H, W) with one value a pixel.

    Size and mode are looked at before a pixel is unpacked.
    """
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            if image.size[::-1] != size:
                height, width = image.size[::-1]
                raise NoMask(f"is {height}x{width} (height x width), the frame is {size[0]}x{size[1]}")
            if image.mode not in MODES:
                raise NoMask(f"is a picture of mode {image.mode}, expected one value a pixel (mode 1, L or P)")
            return Picture(np.asarray(image).astype(np.uint8), image.mode)
    except NoMask:
        raise
    except BROKEN as problem:
        raise NoMask("is no whole PNG picture") from problem


def mask_of(picture: Picture) -> NDArray[np.bool_]:
    """The mask, (H, W) bool. Raises NoMask where it holds other values than 0 and 1, or 0 and 255."""
    most = int(picture.pixels.max(initial=0))
    mask: NDArray[np.bool_] = picture.pixels != 0
    if most and (most not in {1, WHITE} or np.count_nonzero(picture.pixels == most) != np.count_nonzero(mask)):
        values = np.flatnonzero(np.bincount(picture.pixels.ravel())).tolist()
        shown = ", ".join(map(str, values[:5])) + (", …" if len(values) > 5 else "")
        raise NoMask(f"holds the values {shown}, expected 0 and 255, or 0 and 1")
    return mask


def server_picture(mask: NDArray[np.bool_]) -> bytes:
    """A mask (H, W) as a PNG file of mode L, 0 and 255."""
    file = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8) * WHITE).save(file, "PNG", compress_level=6)
    return file.getvalue()
