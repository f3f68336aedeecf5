"""Region similarity of mask tracks: J of DAVIS frame by frame, and IoU of whole tracks as volumes.

Both come from the run lengths, without decoding a pixel: numbers of pixels are exact integers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from sama_bench.metrics.rle import RLE, Checked, RLEError, Track, as_checked, frame_areas

Ints = NDArray[np.int64]


def jaccard(truth: Track, predicted: Track, size: tuple[int, int]) -> NDArray[np.float64]:
    """Return J of each frame, float64 in [0, 1]: intersection over union, 1 where both masks are empty.

    Both tracks have one COCO RLE of `size` (H, W), or None, per frame; no frame gives an empty array.
    Raises RLEError where a mask is not valid, or where lengths or sizes differ.
    Source: Perazzi et al., CVPR 2016; davis2017-evaluation.
    """
    truth, predicted = comparable(truth, predicted, size)
    shared = _shared(truth, predicted)
    united = frame_areas(truth) + frame_areas(predicted) - shared
    return np.where(united > 0, shared / np.maximum(united, 1), 1.0)


def volume_iou(truth: Track, predicted: Track) -> float:
    """Return IoU of two tracks as volumes: sum over frames of intersections over sum of unions.

    A float in [0, 1], 0 where the union is empty. Raises RLEError where a mask is not valid, or where
    lengths or sizes differ. Tracks that `rle.check_track` returned are not checked again.
    """
    return float(volume_iou_matrix([predicted], [truth])[0, 0])


def volume_iou_matrix(predicted: Sequence[Track], truths: Sequence[Track]) -> NDArray[np.float64]:
    """Return `volume_iou` of each of m predicted with each of n true tracks, float64 of shape (m, n)."""
    predicted, truths = [as_checked(track) for track in predicted], [as_checked(track) for track in truths]
    predicted_areas, true_areas = ([frame_areas(track).sum() for track in tracks] for tracks in (predicted, truths))
    shared = [[_shared(track, truth).sum() for truth in truths] for track in predicted]
    common = np.array(shared, np.int64).reshape(len(predicted), len(truths))
    united = np.add.outer(np.array(predicted_areas, np.int64), np.array(true_areas, np.int64)) - common
    return common / np.maximum(united, 1)


def comparable(truth: Track, predicted: Track, size: tuple[int, int]) -> tuple[Checked, Checked]:
    """Return both tracks, checked; raises RLEError unless they are of one length and all masks of `size`."""
    tracks = as_checked(truth), as_checked(predicted)
    _require_length(tracks)
    for track in tracks:
        for index, mask in enumerate(track):
            if mask is not None and mask["size"] != list(size):
                raise RLEError(f"frame {index}: mask is {mask['size']} (height, width), expected {list(size)}")
    return tracks


def _require_length(tracks: Sequence[Track]) -> None:
    if len(lengths := sorted({len(track) for track in tracks})) > 1:
        raise RLEError(f"tracks of {' and '.join(map(str, lengths))} frames cannot be compared")


def _shared(first: Track, other: Track) -> Ints:
    """Return the number of pixels that the tracks have in common in each frame, int64 of shape (T,)."""
    _require_length((first, other))
    return frame_areas([_intersection(mask, yours) for mask, yours in zip(first, other, strict=True)])


def _intersection(mask: RLE | None, other: RLE | None) -> RLE | None:
    if mask is None or other is None:
        return None
    if mask["size"] != other["size"]:
        raise RLEError(f"masks of sizes {mask['size']} and {other['size']} (height, width) cannot be compared")
    common: RLE = coco.merge((mask, other), True)
    return common
