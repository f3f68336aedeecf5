"""A box as the mask of its own frame: what boxes are worth without a tracker."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sama_bench.grounder import Grounder
from sama_bench.metrics.rle import encode
from sama_bench.types import RLE, Box, Mask, Masks, Point, Track, Video


def filled(box: Box, size: tuple[int, int]) -> Mask:
    """The pixels of a box, (H, W) bool: those whose centre it covers, and never fewer than one row and one column.

    A box that lies outside the frame gives its nearest row or column.
    """
    mask = np.zeros(size, bool)
    mask[_span(box.y0, box.y1, size[0]), _span(box.x0, box.x1, size[1])] = True
    return mask


def boxes_of(cues: Sequence[Box | Point]) -> list[Box]:
    """The boxes among an object's cues: all of them, where the grounder takes nothing else."""
    return [cue for cue in cues if isinstance(cue, Box)]


def _span(low: float, high: float, side: int) -> slice:
    first = min(max(int(np.ceil(low - 0.5)), 0), side - 1)
    return slice(first, min(max(int(np.ceil(high - 0.5)), first + 1), side))


class BoxGrounder(Grounder):
    """Each box is its own mask on its frame; on the frames that the model gave no box for there is nothing."""

    summary = "each box is its own mask, on its own frame only"

    def tracks(self, video: Video, objects: Sequence[Sequence[Box | Point]]) -> list[Masks | Track]:
        """One track per object, an RLE on the frames of its boxes and None on all others."""
        return [_track(video, boxes_of(cues)) for cues in objects]


def _track(video: Video, boxes: Sequence[Box]) -> Track:
    track: list[RLE | None] = [None] * len(video)
    for box in boxes:
        track[box.frame] = encode(filled(box, video.size))
    return track
