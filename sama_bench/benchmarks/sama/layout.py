"""The released tree: which files it has, and how the names in them lead to frames."""

from __future__ import annotations

import os
from dataclasses import dataclass

VIDEOS = 522
QUESTIONS = 5067


@dataclass(frozen=True)
class Source:
    """One of the four source data sets: its split files in order, and its mask dictionary."""

    name: str
    splits: tuple[str, ...]
    masks: str


def _splits(name: str, count: int) -> tuple[str, ...]:
    return tuple(f"{name}_{part}.json" for part in range(count))


SOURCES = (
    Source("mevis", ("mevis.json",), "Mevis_mask_dict_val.json"),
    Source("lvvis", _splits("lvvis", 2), "LVVIS_mask_dict_val.json"),
    Source("ref_youtube_vos", _splits("ref_youtube_vos", 2), "RefYoutube_mask_dict_val.json"),
    Source("VidSTG", _splits("VidSTG", 8), "VidSTG_mask_dict_val_updated.json"),
)
SPLITS = tuple(split for source in SOURCES for split in source.splits)


def source_of(video: str) -> Source | None:
    """The first source data set that the path contains, as the released loader tells it; None where none is."""
    return next((source for source in SOURCES if source.name in video), None)


def folder_of(video: str) -> str:
    """The frame folder below the root: in LVVIS a last part that is all digits is zero-padded to five."""
    parent, last = os.path.split(video)
    if "lvvis" in video and last.isdigit():
        last = last.zfill(5)
    return os.path.join(parent, last)  # noqa: PTH118 - a part of a path as text, 36,000 of them


def frame_file(frame: str, video: str) -> str:
    """The file of a frame in its folder; VidSTG names frames with an extension, which is cut off."""
    stem = os.path.splitext(frame)[0] if "VidSTG" in video else frame  # noqa: PTH122 - as above
    return f"{stem}.jpg"
