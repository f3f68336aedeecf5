"""How the track of an answer lies on the true one, as the video sets measure it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sama_bench.metrics import rle
from sama_bench.metrics.boundary import boundary_f
from sama_bench.metrics.iou import jaccard
from sama_bench.metrics.rle import Checked, Track
from sama_bench.task import Answer
from sama_bench.types import Truth

Size = tuple[int, int]


def true_track(truth: Truth, length: int) -> Track:
    """The one track that is meant; without a mask where nothing is."""
    return truth.strict_tracks[0] if truth.strict_tracks else Checked([None] * length)


def first_track(answer: Answer) -> Track:
    """The track of the first `[SEG]`, which is what the released scripts take; without a mask where there is none."""
    return answer.tracks[0] if answer.tracks else Checked([None] * len(answer.video))


def first_overlap(truth: Truth, answer: Answer) -> tuple[float, float]:
    """What `overlap` gives for the first track of an answer and the true one; not computed again where it is known."""
    known = answer.compared.get((0, 0))
    return known or overlap(true_track(truth, len(answer.video)), first_track(answer), answer.video.size)


def overlap(true: Track, predicted: Track, size: Size) -> tuple[float, float]:
    """The means of J and F over all frames, each in 0…1; both tracks of masks of `size` (H, W)."""
    return float(jaccard(true, predicted, size).mean()), float(boundary_f(true, predicted, size).mean())


def without(track: Track, void: Track, size: Size) -> Checked:
    """The track without the pixels of another."""
    return Checked(_left(mask, other, size) for mask, other in zip(track, void, strict=True))


def _left(mask: rle.RLE | None, void: rle.RLE | None, size: Size) -> rle.RLE | None:
    if mask is None or void is None:
        return mask
    pixels: NDArray[np.bool_] = rle.decode(mask, size) & ~rle.decode(void, size)
    return rle.encode(pixels)


def area(track: Track) -> int:
    """The pixels of all masks of a track."""
    return sum(rle.areas(track))
