"""From a box to the object in it."""

from __future__ import annotations

import cv2
import numpy as np

from sama_bench.types import Frame, Mask

SIDE = 160
"""Longest side, in pixels, at which the box and its surroundings are looked at."""
AROUND = 0.25
"""How much of its surroundings is looked at on each side of the box, as a share of the box's side."""
BELIEVABLE = (0.2, 0.97)
"""Shares of the box that an object may fill; anything else is taken for a failure."""


def cut_out(frame: Frame, box: Mask) -> Mask:
    """Find the object that fills a box: GrabCut, with what is outside the box as background.

    `frame` is (H, W, 3) uint8 RGB, `box` (H, W) bool, one filled box. Gives an (H, W) bool mask within the box: the
    box itself where it is empty, where nothing is outside it, or where the result is hardly anything or nearly all
    of it. Rother, Kolmogorov, Blake: GrabCut, SIGGRAPH 2004.
    """
    if not box.any():
        return box
    window = _surroundings(box)
    small = _shrunk(frame[window])
    inside = cv2.resize(box[window].view(np.uint8), small.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
    if inside.all() or not inside.any():
        return box
    object_mask = _grab_cut(small, inside)
    if not BELIEVABLE[0] < np.count_nonzero(object_mask) / np.count_nonzero(inside) < BELIEVABLE[1]:
        return box
    height, width = box[window].shape
    out = np.zeros_like(box)
    out[window] = cv2.resize(object_mask.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) >= 0.5
    return out & box


def _grab_cut(image: Frame, inside: Mask) -> Mask:
    labels = np.where(inside, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)  # its k-means draws from OpenCV's generator, which remembers what was drawn before
    cv2.grabCut(image, labels, (0, 0, 1, 1), background, foreground, 5, cv2.GC_INIT_WITH_MASK)
    object_mask: Mask = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    return object_mask


def _surroundings(box: Mask) -> tuple[slice, slice]:
    spans = [np.flatnonzero(box.any(axis=axis)) for axis in (1, 0)]
    rows, columns = (
        slice(max(0, span[0] - margin), span[-1] + 1 + margin)
        for span in spans
        for margin in [4 + int(AROUND * (span[-1] + 1 - span[0]))]
    )
    return rows, columns


def _shrunk(image: Frame) -> Frame:
    height, width = image.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(np.ascontiguousarray(image), size, interpolation=cv2.INTER_AREA), np.uint8)
