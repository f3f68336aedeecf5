"""The frames of a sample on disk: which are there, how many, and of which size."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sama_bench.errors import UserError
from sama_bench.frames import frame_size
from sama_bench.training_set.layout import SAV_STEP
from sama_bench.training_set.samples import Sample
from sama_bench.video_frames.reading import opened

Size = tuple[int, int]


@dataclass(frozen=True)
class Frames:
    """The frames that masks have to fit: how many, None where that is unknown, and their (height, width) if known."""

    count: int | None
    size: Size | None


class FrameDefect(NamedTuple):
    """A kind of defect, and what more there is to say of it."""

    kind: str
    told: str


def look(root: Path, sample: Sample) -> tuple[Frames, list[FrameDefect]]:
    """The frames of a sample below `root`, of which the first is opened, and what is wrong with them."""
    if sample.source is None or not sample.video:
        return Frames(len(sample.files) or None, sample.size), []
    if sample.source.is_video:
        return _of_mp4(root / sample.video)
    defects = list(_missing(root / sample.video, sample.files))
    if defects or not sample.files:
        return Frames(len(sample.files) or None, sample.size), defects
    try:
        size = frame_size(root / sample.video / sample.files[0])
    except UserError as problem:
        return Frames(len(sample.files), sample.size), [FrameDefect("frame unreadable", str(problem))]
    if sample.size is not None and size != sample.size:
        told = f"{size[1]}x{size[0]}, listed as {sample.size[1]}x{sample.size[0]}"
        defects.append(FrameDefect("frame size", told))
    return Frames(len(sample.files), size), defects


def _missing(folder: Path, files: tuple[str, ...]) -> Iterator[FrameDefect]:
    try:
        with os.scandir(folder) as entries:
            there = {entry.name for entry in entries}
    except (OSError, ValueError):
        yield FrameDefect("frames missing", "no such folder")
        return
    missing = [file for file in files if file not in there and not (folder / file).is_file()]
    if missing:
        yield FrameDefect("frames missing", f"{len(missing)} of {len(files)}, the first {missing[0]}")


def _of_mp4(path: Path) -> tuple[Frames, list[FrameDefect]]:
    """By the header: as many frames as it promises, every fourth of which counts."""
    if not path.is_file():
        return Frames(None, None), [FrameDefect("mp4 missing", "no such file")]
    try:
        with opened(path) as capture:
            import cv2

            count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
            done, picture = capture.read()
    except UserError as problem:
        return Frames(None, None), [FrameDefect("mp4 unreadable", str(problem))]
    if not done:
        return Frames(None, None), [FrameDefect("mp4 unreadable", "no frame of it can be decoded")]
    return Frames(-(-count // SAV_STEP) or None, (picture.shape[0], picture.shape[1])), []
