"""Frames of video files, taken out once by their numbers and kept in the cache as pictures without losses."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sama_bench.cache import cache_folder
from sama_bench.files import mp4
from sama_bench.files.temporary import scratch

if TYPE_CHECKING:
    import cv2

FOLDER = "frames"
PACKED = 1.5  # bytes that a pixel of a picture may need, three colours
PICTURE = ".png"


class NoFrames(ValueError):
    """A file whose frames cannot be taken out; the message says why."""


def frames_of(path: Path, numbers: Mapping[str, int]) -> Path:
    """The folder with `NAME.png` for each name, the frame of that number of the file, counted from 0.

    Numbers are those in which OpenCV gives the frames one after the other, as Sa2VA reads them. What was taken out
    stays in the cache until the file changes. Raises NoFrames where it is no video, has fewer frames, or where the
    cache has no room for them.
    """
    place = cache_folder() / FOLDER / _name(path, numbers)
    if not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        with scratch(place) as folder:
            pictures = folder / "pictures"
            pictures.mkdir()
            _take_out(path, numbers, pictures)
            with suppress(OSError):  # another process was first
                pictures.rename(place)
    return place


def _name(path: Path, numbers: Mapping[str, int]) -> str:
    try:
        status = path.stat()
    except OSError as problem:
        raise NoFrames(problem.strerror or str(problem)) from problem
    about = repr((os.fsencode(path.resolve()), status.st_size, status.st_mtime_ns, sorted(numbers.items())))
    return hashlib.sha256(about.encode()).hexdigest()[:32]


def _take_out(path: Path, numbers: Mapping[str, int], folder: Path) -> None:
    names: dict[int, list[str]] = {}
    for name, number in numbers.items():
        names.setdefault(number, []).append(name)
    last = max(names)
    try:
        with mp4.opened(path) as video:
            _check_room(video, len(numbers), folder)
            for number in range(last + 1):
                if not video.grab():
                    raise NoFrames(f"it has {number} frames, and frame {last} is listed, counted from 0")
                if number in names:
                    _write(video, [folder / f"{name}{PICTURE}" for name in names[number]])
    except mp4.NotAVideo as problem:
        raise NoFrames("it is no video that OpenCV can read") from problem


def _check_room(video: cv2.VideoCapture, count: int, folder: Path) -> None:
    import cv2

    pixels = video.get(cv2.CAP_PROP_FRAME_WIDTH) * video.get(cv2.CAP_PROP_FRAME_HEIGHT)
    needed, free = pixels * count * PACKED, shutil.disk_usage(folder).free
    if needed > free:
        raise NoFrames(
            f"its {count} frames may need {needed / 1e6:,.0f} MB in {folder.parent.parent}, where {free / 1e6:,.0f} MB "
            "are left: set SAMA_BENCH_CACHE to a folder with more room"
        )


def _write(video: cv2.VideoCapture, paths: Sequence[Path]) -> None:
    import cv2

    sound, frame = video.retrieve()
    if not sound:
        raise NoFrames("one of its frames cannot be decoded")
    for path in paths:
        if not cv2.imwrite(str(path), frame, [cv2.IMWRITE_PNG_COMPRESSION, 1]):
            raise NoFrames(f"its frames cannot be written to {path.parent}")
