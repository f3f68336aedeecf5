"""What is measured of typed expressions: J, F, and accuracy and robustness, as two released families and strictly.

In the released code the masks of an expression's objects are added as bytes, so that a pixel of two objects is 2, and a
predicted pixel is 1 in one family and 255 in the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from pycocotools import mask as coco

from sama_bench.benchmarks.expressions.overlap import area, first_overlap, first_track, true_track
from sama_bench.metrics import rle
from sama_bench.metrics.rle import RLE
from sama_bench.task import Answer
from sama_bench.types import Truth

Size = tuple[int, int]

EPSILON = 1e-6  # the released code adds it to the foreground


class Counts(NamedTuple):
    """The pixels of a frame: those predicted, by how many objects lie there, and those of objects alone."""

    predicted: Sequence[int]
    missed: int
    total: int


def measure(truth: Truth, answer: Answer) -> Mapping[str, float]:
    """Means over all frames: `J`, `F`, `A` and `R`; `A_255`, `R_255`, `A_1`, `R_1` as the released codes have them.

    Without R where the truth has no `foreground`.

    `said` is 1 where any pixel was answered, `said_area` the share of the frame that was, `present` 1 where the truth
    has a pixel, `type` the type's number.
    """
    size, length = answer.video.size, len(answer.video)
    true, predicted = true_track(truth, length), first_track(answer)
    j, f = first_overlap(truth, answer)
    counts = [
        counts_of([track[frame] for track in truth.more["objects"]], predicted[frame], size) for frame in range(length)
    ]
    frames = [accuracies(frame_counts) for frame_counts in counts]
    if "foreground" in truth.more:
        foreground = rle.areas(truth.more["foreground"])
        robust = (robustnesses(frame_counts, pixels) for frame_counts, pixels in zip(counts, foreground, strict=True))
        frames = [{**frame, **more} for frame, more in zip(frames, robust, strict=True)]
    return {
        "J": j,
        "F": f,
        **{name: float(np.mean([frame[name] for frame in frames])) for name in frames[0]},
        "type": float(truth.more["type"]),
        "said": float(area(predicted) > 0),
        "said_area": area(predicted) / (length * size[0] * size[1]),
        "present": float(area(true) > 0),
    }


def counts_of(masks: Sequence[RLE | None], predicted_mask: RLE | None, size: Size) -> Counts:
    """Count the pixels of one frame, of the true masks of objects and of a predicted one, all of `size` (H, W)."""
    visible = [mask for mask in masks if mask is not None]
    total = size[0] * size[1]
    if len(visible) > 1:
        added = np.zeros(size, np.uint8)
        for mask in visible:
            added += rle.decode(mask, size)
        inside = np.bincount(added[rle.decode(predicted_mask, size)], minlength=2).tolist()
        return Counts(inside, int(np.count_nonzero(added)) - sum(inside[1:]), total)
    predicted, true = (
        0 if mask is None else rle.area(mask) for mask in (predicted_mask, visible[0] if visible else None)
    )
    shared = (
        int(coco.area(coco.merge([predicted_mask, visible[0]], intersect=True)))
        if predicted_mask is not None and visible
        else 0
    )
    return Counts([predicted - shared, shared], true - shared, total)


def accuracies(counts: Counts) -> dict[str, float]:
    """The share of pixels that are equal: true or not, and as bytes."""
    nothing = counts.total - counts.missed - sum(counts.predicted)
    equal = {"A": sum(counts.predicted[1:]), "A_1": counts.predicted[1], "A_255": sum(counts.predicted[255:256])}
    return {name: (nothing + pixels) / counts.total for name, pixels in equal.items()}


def robustnesses(counts: Counts, foreground: int) -> dict[str, float]:
    """1 - false positives / foreground, not below 0; the released ones in bytes that run over: 1 - 2 is 255."""
    false = counts.predicted[0]
    values = {"R": max(0.0, 1 - false / foreground) if foreground else float(not false)}
    for white in (255, 1):
        negative = sum((1 - value) % 256 * white % 256 * pixels for value, pixels in enumerate(counts.predicted))
        values[f"R_{white}"] = max(1 - negative / (foreground + EPSILON), 0.0)
    return values
