"""What is measured of an expression's mask: pixels of intersections and unions, as each family counts them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sama_bench.benchmarks.expressions.overlap import true_track
from sama_bench.metrics import rle
from sama_bench.task import Answer
from sama_bench.types import Truth

Bools = NDArray[np.bool_]
Box = tuple[float, float, float, float]

SMALLEST_PART = 10  # pixels; smaller ones do not count for the box that UniPixel draws around a mask


def measure(truth: Truth, answer: Answer) -> Mapping[str, float]:
    """Intersection and union, in pixels, of the mask that is meant and of what was answered.

    Without a suffix they are of the union of the parts and the first mask; `_first` and `_all` of the mask that SAMA
    and Sa2VA take for the true one, with the first mask and with the union of all; `_once` of LISA's true mask and the
    first; `_united_all` of the union of the parts and that of all masks. `masks` is their number, `box` the IoU of
    boxes.
    """
    size = answer.video.size
    true = rle.decode(true_track(truth, 1)[0], size)
    released = rle.decode(truth.more["as_released"][0], size)
    masks = [rle.decode(track[0], size) for track in answer.tracks]
    nothing = np.zeros(size, bool)
    first = masks[0] if masks else nothing
    every = np.logical_or.reduce([nothing, *masks])
    return {
        **_pixels("", true, first),
        **_pixels("_first", released, first),
        **_pixels("_all", released, every),
        **_pixels("_united_all", true, every),
        **_pixels("_once", rle.decode(truth.more["once"][0], size), first),
        "masks": float(len(masks)),
        "present": float(true.any()),
        "said": float(first.any()),
        **({} if truth.more["box"] is None else {"box": box_iou(box_of(first), truth.more["box"])}),
    }


def _pixels(suffix: str, true: Bools, predicted: Bools) -> dict[str, float]:
    both, either = int(np.count_nonzero(true & predicted)), int(np.count_nonzero(true | predicted))
    return {f"intersection{suffix}": float(both), f"union{suffix}": float(either)}


def box_of(mask: Bools) -> Box | None:
    """The box around the parts of a mask that have ten pixels or more: first and last column and row, as UniPixel.

    None where there is none. Parts hang together by their corners, too.
    """
    import cv2  # late: every command reads the benchmarks' definitions

    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    large = [part for part in range(1, count) if stats[part, cv2.CC_STAT_AREA] >= SMALLEST_PART]
    ys, xs = np.nonzero(np.isin(labels, large))
    return (float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max())) if xs.size else None


def box_iou(box: Box | None, other: Box) -> float:
    """The IoU of boxes (x0, y0, x1, y1) whose sides are x1 - x0 and y1 - y0; 0 where one is None, or both empty."""
    if box is None:
        return 0.0
    inner = _area((max(box[0], other[0]), max(box[1], other[1]), min(box[2], other[2]), min(box[3], other[3])))
    outer = _area(box) + _area(other) - inner
    return inner / outer if outer > 0 else 0.0


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
