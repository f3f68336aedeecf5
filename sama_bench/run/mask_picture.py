"""A mask of one frame as a PNG picture: read from what people have, written as servers take it."""

from __future__ import annotations

import io
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sama_bench.frames import BROKEN
from sama_bench.metrics.rle import RLE, encode_within

MODES = ("1", "L", "P")
SPARE = 1 << 20  # bytes that a picture may have beside one for each pixel
SERVER_MODE = "L"
WHITE = 255


class NoMask(ValueError):
    """A picture that is no mask of the frame; the message says why, and what was expected."""


class Picture(NamedTuple):
    """The rectangle of a picture that holds all values but 0: uint8 (h, w), 0 x 0 where there is none.

    Its first pixel is at `corner` (row, column) of a picture of `size` (H, W) and of this mode.
    """

    pixels: NDArray[np.uint8]
    corner: tuple[int, int]
    size: tuple[int, int]
    mode: str

    @property
    def values(self) -> list[int]:
        """All values of the picture, in order."""
        inside = np.flatnonzero(np.bincount(self.pixels.ravel())).tolist()
        outside = self.pixels.size < self.size[0] * self.size[1]
        return sorted({*inside, *([0] if outside else [])})


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
            # Pillow finds the rectangle much faster than NumPy, and little of most masks' pictures lies in it.
            left, top, right, bottom = image.getbbox() or (0, 0, 0, 0)
            pixels = np.asarray(image.crop((left, top, right, bottom))).astype(np.uint8)
            return Picture(pixels, (top, left), size, image.mode)
    except NoMask:
        raise
    except BROKEN as problem:
        raise NoMask("is no whole PNG picture") from problem


def mask_of(picture: Picture) -> RLE | None:
    """The mask. Raises NoMask where the picture holds other values than 0 and 1, or 0 and 255."""
    mask: NDArray[np.bool_] = picture.pixels != 0
    most = int(picture.pixels.max(initial=0))
    if most and (most not in {1, WHITE} or np.count_nonzero(picture.pixels == most) != np.count_nonzero(mask)):
        shown = ", ".join(map(str, picture.values[:5])) + (", …" if len(picture.values) > 5 else "")
        raise NoMask(f"holds the values {shown}, expected 0 and 255, or 0 and 1")
    return encode_within(mask, picture.corner, picture.size)


def mask_of_value(picture: Picture, value: int) -> RLE | None:
    """The pixels of one value other than 0."""
    return encode_within(picture.pixels == value, picture.corner, picture.size)


def server_picture(mask: NDArray[np.bool_]) -> bytes:
    """A mask (H, W) as a PNG file of mode L, 0 and 255."""
    file = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8) * WHITE).save(file, "PNG", compress_level=6)
    return file.getvalue()
