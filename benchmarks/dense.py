"""The same numbers as one computes them on dense arrays: the peers that are not a package."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from sama_bench.metrics.rle import Track

Masks = NDArray[np.bool_]


def decoded(track: Track, size: tuple[int, int]) -> Masks:
    """(T, H, W) bool, by pycocotools, frame by frame."""
    return np.stack([np.zeros(size, bool) if one is None else coco.decode(one).astype(bool) for one in track])


def volume_ious(predicted: Sequence[Masks], true: Sequence[Masks]) -> NDArray[np.float64]:
    """IoU of each predicted with each true track, as the released scripts define it."""
    ious = np.zeros((len(predicted), len(true)))
    for row, one in enumerate(predicted):
        for column, other in enumerate(true):
            union = np.logical_or(one, other).sum()
            ious[row, column] = np.logical_and(one, other).sum() / union if union else 0.0
    return ious


def j_and_f(true: Masks, predicted: Masks) -> tuple[list[float], list[float]]:
    """J and F of each frame, as DAVIS defines them: boundaries of the whole frame, dilated with a disk."""
    radius = int(np.ceil(0.008 * np.linalg.norm(true.shape[1:])))
    rows, columns = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    disk = (rows**2 + columns**2 <= radius**2).astype(np.uint8)
    pairs = list(zip(true, predicted, strict=True))
    return [_j(*pair) for pair in pairs], [_f(*pair, disk) for pair in pairs]


def _j(true: Masks, predicted: Masks) -> float:
    union = np.logical_or(true, predicted).sum()
    return float(np.logical_and(true, predicted).sum() / union) if union else 1.0


def _f(true: Masks, predicted: Masks, disk: NDArray[np.uint8]) -> float:
    edges = _edges(true), _edges(predicted)
    near = [cv2.dilate(edge.view(np.uint8), disk).view(bool) for edge in edges]
    counts = [int(edge.sum()) for edge in edges]
    if not all(counts):
        return float(counts[0] == counts[1])
    recall, precision = (edges[0] & near[1]).sum() / counts[0], (edges[1] & near[0]).sum() / counts[1]
    return float(2 * precision * recall / (precision + recall)) if precision + recall else 0.0


def _edges(mask: Masks) -> Masks:
    """Pixels that differ from their right, lower or lower right neighbour; the frame's borders go on."""
    edges = np.zeros_like(mask)
    edges[:, :-1] = mask[:, :-1] != mask[:, 1:]
    edges[:-1] |= mask[:-1] != mask[1:]
    edges[:-1, :-1] |= mask[:-1, :-1] != mask[1:, 1:]
    return edges
