"""Video files of strangers, opened for OpenCV: what is called .mp4 may be a playlist, which leads elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sama_bench.files.opening import open_regular

if TYPE_CHECKING:
    from cv2 import VideoCapture

# The first boxes that an mp4 or mov may begin with.
FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid")


class NotAVideo(ValueError):
    """A file that is no mp4, or cannot be opened as one; the message says which, as the end of a sentence."""


@contextmanager
def opened(path: Path) -> Iterator[VideoCapture]:
    """Give the open video; raises NotAVideo where the file is no mp4 that can be opened."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # FFmpeg's lines on damaged files; ours says it
    import cv2  # late: it takes a quarter of a second

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    _check_mp4(path)
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        if not capture.isOpened():
            raise NotAVideo("is no video that can be read")
        yield capture
    finally:
        capture.release()


def _check_mp4(path: Path) -> None:
    try:
        with open_regular(path) as file:
            head = file.read(8)
    except OSError as problem:
        raise NotAVideo(f"cannot be read ({problem.strerror or problem})") from problem
    if head[4:] not in FIRST_BOXES:
        raise NotAVideo("is no mp4")
