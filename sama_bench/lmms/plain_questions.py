"""Questions of lmms-eval's other tasks, as our adapters take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sama_bench.frames import Frame
from sama_bench.types import PlainQuestion

# So many frames of a video file at most, evenly; the adapters take of them what their models take.
FRAMES = 32
IMAGES = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tiff", ".webp"}


def plain_question(words: str, options: Mapping[str, Any], visuals: object) -> PlainQuestion:
    """The question of a request; `visuals` are what its task shows: PIL images, paths of images or of one video.

    Raises TypeError for what is none of these (sounds), ValueError where a file cannot be decoded or there are several
    videos.
    """
    visible = [item for item in _listed(visuals) if item is not None]
    length = options.get("max_new_tokens")
    length = int(length) if isinstance(length, (int, float)) and length > 0 else None
    videos = [
        Path(item) for item in visible if isinstance(item, (str, Path)) and Path(item).suffix.lower() not in IMAGES
    ]
    if len(videos) > 1 or (videos and len(visible) > 1):
        raise ValueError(
            f"{len(videos)} videos and {len(visible) - len(videos)} images in one question, expected one video"
        )
    if videos:
        return PlainQuestion(words, _frames(videos[0]), True, length)
    return PlainQuestion(words, tuple(_image(item) for item in visible), False, length)


def _listed(visuals: object) -> Sequence[object]:
    flat: list[object] = []
    for item in visuals if isinstance(visuals, (list, tuple)) else [visuals]:
        flat += item if isinstance(item, (list, tuple)) else [item]
    return flat


def _image(item: object) -> Frame:
    from PIL import Image

    if isinstance(item, (str, Path)):
        with Image.open(item) as opened:
            return np.asarray(opened.convert("RGB"))
    if isinstance(item, Image.Image):
        return np.asarray(item.convert("RGB"))
    raise TypeError(f"shown is {type(item).__name__}, expected images or a video")


def _frames(path: Path) -> tuple[Frame, ...]:
    """At most `FRAMES` of a video file, evenly spread, the first and the last among them."""
    import cv2

    capture = cv2.VideoCapture(str(path))
    try:
        count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        places = {round(place) for place in np.linspace(0, max(count - 1, 0), FRAMES)}
        frames: list[Frame] = []
        for number in range(count):
            if not capture.grab():
                break
            if number in places:
                read, frame = capture.retrieve()
                if read:
                    frames.append(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8))
    finally:
        capture.release()
    if not frames:
        raise ValueError(f"{path}: no frame of this video can be decoded")
    return tuple(frames)
