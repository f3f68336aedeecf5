"""Pictures compared: the digest of their files, and a hash of 64 bits that is alike for pictures that look alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from sama_bench.errors import UserError
from sama_bench.files.opening import open_regular
from sama_bench.video_frames.reading import opened

FRAMES = 5  # of a video: the first, the last, and those between at equal distances
SMALL = 16  # pixels: of nine by eight places none shares a pixel with another
FLAT = 4.0  # levels of 255: a picture that varies less has no hash that says anything
Grey = NDArray[np.uint8]
Hashes = NDArray[np.uint64]
BITS = np.array([bin(number).count("1") for number in range(1 << 16)], np.uint8)


class Look(NamedTuple):
    """A frame that was looked at: its file, or its number in an mp4; `hash` is None where the picture is flat."""

    file: Path
    number: int | None
    hash: int | None
    sha256: bytes | None


def spread(count: int) -> list[int]:
    """Up to five places of `count` frames, the first and the last among them."""
    return sorted({round(place * (count - 1) / (FRAMES - 1)) for place in range(FRAMES)}) if count else []


def look_at_file(path: Path) -> Look | None:
    """Digest and hash of a picture file; None where it cannot be read."""
    try:
        with open_regular(path) as file:
            content = file.read()
    except (OSError, ValueError):
        return None
    grey = _grey(np.frombuffer(content, np.uint8)) if content else None
    if grey is None:
        return None
    return Look(path, None, difference_hash(grey), hashlib.sha256(content).digest())


def _grey(content: NDArray[np.uint8]) -> Grey | None:
    """The picture in an eighth of its sides, which is decoded much faster; a small one in its own."""
    import cv2

    grey = cv2.imdecode(content, cv2.IMREAD_REDUCED_GRAYSCALE_8)
    if grey is not None and min(grey.shape) < SMALL:
        grey = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE)
    return cast("Grey | None", grey)


def look_at_mp4(path: Path) -> Iterator[Look]:
    """Hashes of up to five frames of an mp4; nothing where it cannot be read."""
    import cv2

    try:
        with opened(path) as capture:
            for number in spread(int(capture.get(cv2.CAP_PROP_FRAME_COUNT))):
                capture.set(cv2.CAP_PROP_POS_FRAMES, number)
                done, picture = capture.read()
                if done:
                    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
                    yield Look(path, number, difference_hash(cast("Grey", grey)), None)
    except UserError:
        return


def difference_hash(grey: Grey) -> int | None:
    """64 bits, one for each of eight by eight places: whether the picture (H, W) grows darker to the right there.

    None where it is nearly of one grey. Alike pictures differ in few bits, whatever their size and quality.
    """
    import cv2

    small = cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    if small.std() < FLAT:
        return None
    bits = (small[:, 1:] > small[:, :-1]).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def near(one: int, others: Hashes, most: int) -> list[tuple[int, int]]:
    """The places in `others` whose hash differs from `one` in at most so many bits, and in how many."""
    parts = (others ^ np.uint64(one)).view(np.uint16).reshape(-1, 4)
    distances = BITS[parts].sum(axis=1, dtype=np.uint8)
    return [(int(place), int(distances[place])) for place in np.flatnonzero(distances <= most)]


def thumbnail(look: Look, width: int = 360) -> bytes | None:
    """A small JPEG of a frame that was looked at; None where it cannot be read any more."""
    import cv2

    picture = _picture(look)
    if picture is None:
        return None
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    small = cv2.resize(picture, (width, min(height, 4 * width)), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()


def _picture(look: Look) -> NDArray[np.uint8] | None:
    import cv2

    if look.number is None:
        return cast("NDArray[np.uint8] | None", cv2.imread(str(look.file), cv2.IMREAD_COLOR))
    try:
        with opened(look.file) as capture:
            capture.set(cv2.CAP_PROP_POS_FRAMES, look.number)
            done, picture = capture.read()
    except UserError:
        return None
    return cast("NDArray[np.uint8]", picture) if done else None


def as_hashes(values: Sequence[int]) -> Hashes:
    """Hashes as one array."""
    return np.array(values, np.uint64)
