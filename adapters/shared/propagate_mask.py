"""Carrying a mask through a video on its optical flow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from sama_bench.adapters.shared.optical_flow import Field, Flow
from sama_bench.types import Mask

Soft = NDArray[np.float32]
"""How much of each pixel of the flow's grid an object covers, 0…1."""
REACH = 0.7
"""How far the motion of an object's core spreads, as a share of the root of its area."""
SURE = 0.9
"""Coverage from which a pixel belongs to the core."""
GONE = 1.0
"""Area, in pixels of the flow's grid, below which an object is lost for good."""


def carry(mask: Mask, flow: Flow, frames: Iterable[int]) -> Iterator[tuple[int, Mask]]:
    """Carry an (H, W) bool mask along `frames`, neighbours in either direction; its own frame comes first.

    Gives each frame's index and mask, the first unchanged, all (H, W) bool. An object that moves as a whole is moved
    by the flow of its core: the flow at its outline is half the background's and would tear it apart. One that
    turns or bends in its place is followed pixel by pixel.
    """
    height, width = mask.shape
    shrunk = cv2.resize(mask.astype(np.float32), flow.size[::-1], interpolation=cv2.INTER_AREA)
    soft = np.asarray(shrunk, np.float32)
    last: int | None = None
    for index in frames:
        if last is None:
            yield index, mask
        else:
            soft = _step(soft, flow, last, index)
            yield index, cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR) >= 0.5
        last = index


def _step(soft: Soft, flow: Flow, origin: int, target: int) -> Soft:
    if soft.sum() < GONE:
        return np.zeros_like(soft)
    ahead = flow.between(origin, target)
    core = _core(soft)
    mean: Field = np.tensordot(core, ahead, axes=2) / core.sum()
    moves = _as_a_whole(ahead, core, mean)
    return _pulled(soft, -_spread(ahead, core, mean, soft) if moves else flow.between(target, origin))


def _core(soft: Soft) -> Soft:
    """Mark the pixels whose flow is surely the object's, 1 or 0; the coverage itself where there are none."""
    sure = (soft > SURE).astype(np.float32)
    inner = cv2.erode(sure, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=1)
    for core in (np.asarray(inner, np.float32), sure):
        if core.sum() > 9:
            return core
    return soft


def _as_a_whole(field: Field, core: Soft, mean: Field) -> bool:
    """Tell whether the core's mean motion is larger than its motion about that mean (root mean squares)."""
    about = [(field[..., axis] - mean[axis]) ** 2 for axis in (0, 1)]  # NumPy is slow along an axis of two
    spread = float(((about[0] + about[1]) * core).sum() / core.sum())
    return float(mean @ mean) > spread


def _spread(field: Field, core: Soft, mean: Field, soft: Soft) -> Field:
    """Give every pixel the mean motion of the core near where it came from, (h, w, 2); far from it, the core's mean."""
    side = max(3, int(REACH * float(soft.sum()) ** 0.5) | 1)
    weight = _blurred(core, side) + np.float32(1e-3)
    of_core = np.empty_like(field)
    for axis in (0, 1):
        np.multiply(field[..., axis], core, out=of_core[..., axis])
    motion, elsewhere = _blurred(of_core, side), (1e-3 * mean).astype(np.float32)
    for axis in (0, 1):
        np.divide(motion[..., axis] + elsewhere[axis], weight, out=motion[..., axis])
    return _pulled(motion, -motion)


def _blurred(image: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    return np.asarray(cv2.blur(cv2.blur(image, (side, side)), (side, side)), np.float32)


def _pulled(image: NDArray[np.float32], back: Field) -> NDArray[np.float32]:
    """Take each pixel from where `back` points to; what comes from beyond the picture is 0."""
    height, width = back.shape[:2]
    x = back[..., 0] + np.arange(width, dtype=np.float32)
    y = back[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT), np.float32)
