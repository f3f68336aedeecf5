"""What DAM is shown of a video: eight frames, on each of which the object has a mask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from sama_bench.adapters.shared.first_visible import Seen
from sama_bench.frames import Frame
from sama_bench.types import Mask

FRAMES = 8
WORDS = (
    "\nGiven the video in the form of a sequence of frames above, describe the object in the masked region in the "
    "video in detail."
)
"""The words of its demo and of its examples, behind the frames."""


class Shown(NamedTuple):
    """A frame (H, W, 3) uint8 RGB, and the object's mask on it, (H, W) bool with at least one pixel."""

    frame: Frame
    mask: Mask


def chosen(region: Seen, followed: Iterable[tuple[int, Mask]]) -> list[tuple[int, Mask]]:
    """The frames that are shown, each with the mask on it: FRAMES of those on which the object was found, evenly.

    `followed` are masks of the region's frame and of those after it, of which those without a pixel are left out, as
    its demo does. On its own frame the region has its own mask. Of fewer frames some are there more than once: its
    words have a place for eight.
    """
    masks = {frame: mask for frame, mask in followed if mask.any()} | {region.frame: region.mask}
    places = sorted(masks)
    return [(places[number], masks[places[number]]) for number in _spread(len(places))]


def _spread(length: int) -> Sequence[int]:
    return [int(number) for number in np.linspace(0, length - 1, FRAMES, dtype=int)]
