"""ReVOS' foreground: the union of all masks that any expression of a video names, frame by frame."""

from __future__ import annotations

from collections.abc import Mapping

from sama_bench.benchmarks.expressions.listing import VideoListing
from sama_bench.benchmarks.expressions.sources import AGAIN, Sources
from sama_bench.benchmarks.sama.json_checks import ShapeError, listing, mapping
from sama_bench.metrics import rle

FOREGROUND = "mask_dict_foreground.json"


def read_foreground(sources: Sources, videos: Mapping[str, VideoListing]) -> tuple[dict[str, rle.Checked], list[str]]:
    """The foreground of each video, in the file's order of frames, and what is wrong with it.

    Raises UserError where the file cannot be read.
    """
    path = sources.root / FOREGROUND
    value = sources.json(FOREGROUND)
    tracks, problems = {}, []
    for video in videos.values():
        try:
            about = mapping(mapping(value, "the file").get(video.id), video.id)
            masks = [_single(value) for value in listing(about.get("masks_rle"), "masks_rle")]
            tracks[video.id] = rle.check_track(masks, len(video.frames))
        except (ShapeError, rle.RLEError) as problem:
            problems.append(f"{path}: {video.id}: {problem}; {AGAIN}")
    return tracks, problems


def _single(mask: object) -> object:
    """A frame's mask; the released code also takes a list of masks, which are united here."""
    if not isinstance(mask, list):
        return mask
    tracks = [rle.check_track([frame_mask]) for frame_mask in mask]
    return rle.union(tracks)[0] if tracks else None
