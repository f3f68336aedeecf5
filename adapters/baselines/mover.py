"""What moves in a video unlike its background, found without being told of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from sama_bench.adapters.baselines.centre import centre_box
from sama_bench.adapters.shared.cutout import cut_out
from sama_bench.adapters.shared.optical_flow import Flow
from sama_bench.types import Mask, Video

LOOKS = 5
"""How many pairs of frames, spread over the video, are looked at."""
STEADY = 0.5
"""Pixels of the flow's grid by which a point has to move more than the background does, to count as moving."""
SMALLEST = 30
"""Pixels of the flow's grid below which a part is taken for noise."""
LARGEST = 0.25
"""Share of the picture above which a part is taken for the background itself, before a camera that moves."""


def find_mover(video: Video, flow: Flow) -> tuple[int, Mask]:
    """The frame and the mask, (H, W) bool, of the part that moves most: its area times its speed.

    Where nothing moves, and in a single frame, it is what GrabCut takes for an object in the middle of the first frame.
    """
    places = sorted({round(place) for place in np.linspace(0, len(video) - 2, LOOKS)}) if len(video) > 1 else []
    parts = [(weight, frame, part) for frame in places for weight, part in [_largest(flow.between(frame, frame + 1))]]
    weight, frame, part = max(parts, key=lambda part: part[0], default=(0.0, 0, np.zeros(flow.size, bool)))
    if not weight:
        return 0, cut_out(video.frame(0), centre_box(video.size))
    height, width = video.size
    return frame, cv2.resize(part.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0


def _largest(field: NDArray[np.float32]) -> tuple[float, NDArray[np.bool_]]:
    """The part of a flow field, (h, w, 2), that moves most unlike the median of all, and how much."""
    speed = np.hypot(*np.moveaxis(field - np.median(field, axis=(0, 1)), -1, 0))
    moving = cv2.morphologyEx((speed > STEADY).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(moving, connectivity=8)
    largest = (0.0, np.zeros(speed.shape, bool))
    for label in range(1, count):
        if SMALLEST <= stats[label, cv2.CC_STAT_AREA] <= LARGEST * speed.size:
            part = labels == label
            largest = max(largest, (float(speed[part].sum()), part), key=lambda candidate: candidate[0])
    return largest
