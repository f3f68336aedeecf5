"""Frame files: their size, and their pixels."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from sama_bench.errors import UserError

Frame: TypeAlias = NDArray[np.uint8]

# What Pillow raises on files that are not, or not wholly, pictures.
BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, struct.error, zlib.error,
    Image.DecompressionBombError,
)  # fmt: skip
END_OF_JPEG = b"\xff\xd9"


def load_frame(path: Path, size: tuple[int, int]) -> Frame:
    """Decode one frame file as (H, W, 3) uint8 RGB.

    Raises UserError where the file is missing, cannot be decoded to its end, or is not of `size` (H, W).
    """
    try:
        with Image.open(path) as image:
            frame: Frame = np.asarray(image.convert("RGB"))
    except BROKEN as problem:
        raise _unreadable(path, problem) from problem
    if frame.shape[:2] != size:
        raise wrong_size(path, (frame.shape[0], frame.shape[1]), size)
    return frame


def frame_size(path: Path) -> tuple[int, int]:
    """Return the (height, width) of one frame file, from its header.

    A JPEG file must end with its end marker; any other, and a JPEG file that does not, is decoded
    wholly. So a file that was cut off is found at the price of reading it. Raises UserError where the
    file is missing, is not a picture, or is not whole.
    """
    try:
        with path.open("rb") as file, Image.open(file) as image:
            if image.format != "JPEG" or not _has_end(file):
                image.load()
            return image.height, image.width
    except BROKEN as problem:
        raise _unreadable(path, problem) from problem


def wrong_size(path: Path, got: tuple[int, int], expected_size: tuple[int, int]) -> UserError:
    """Return the error of a frame that is `got` where the video's first is `expected_size`, both (height, width)."""
    actual, expected = (f"{width}x{height}" for height, width in (got, expected_size))
    return UserError(f"{path}: this frame is {actual}, the video's first one is {expected} (width x height)")


def _has_end(file: BinaryIO) -> bool:
    """True if the file's last bytes are JPEG's end marker; the place in the file stays as it was."""
    place = file.tell()
    file.seek(-len(END_OF_JPEG), io.SEEK_END)
    last = file.read()
    file.seek(place)
    return last == END_OF_JPEG


def _unreadable(path: Path, problem: BaseException) -> UserError:
    reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else problem
    if isinstance(problem, UnidentifiedImageError):
        reason = "it is empty or not a picture"
    return UserError(f"{path}: this frame cannot be read ({reason}); copy it again")
