"""The mask of an annotation of COCO: what its polygons cover, and what two released codes make of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from sama_bench.metrics import rle
from sama_bench.metrics.rle import RLE, RLEError

Size = tuple[int, int]


def parts(segmentation: object, size: Size) -> NDArray[np.uint8]:
    """The parts of a segmentation, uint8 of shape (H, W, n), 0 and 1; n may be 0.

    A part is a polygon (x, y, x, y, …), or an RLE; `check` says whether each is.
    """
    listed = _listed(segmentation)
    if not listed:
        return np.zeros((*size, 0), np.uint8)
    return np.dstack([_part(part, size) for part in listed])


def check(segmentation: object, size: Size) -> None:
    """Raise RLEError where a part of a segmentation is neither a polygon nor an RLE of `size` (H, W)."""
    for part in _listed(segmentation):
        if isinstance(part, dict):
            rle.check(part, size)
        elif not isinstance(part, list) or len(part) < 4 or len(part) % 2 or not all(map(_is_number, part)):
            raise RLEError("a polygon is a list of 2 or more points x, y, all numbers")


def united(pixels: NDArray[np.uint8]) -> RLE | None:
    """All that any part covers."""
    return rle.encode(pixels.any(axis=2)) if pixels.shape[2] else None


def as_released(pixels: NDArray[np.uint8]) -> RLE | None:
    """What SAMA and Sa2VA take for the mask: the sum of the parts, handed to an encoder of masks of 0 and 1.

    It begins a run wherever the value changes: of a column 0, 1, 2, 1 the 2 becomes background, and after a step from
    0 to 2 foreground and background are exchanged up to the next odd step.
    """
    if not pixels.shape[2]:
        return None
    summed = np.asfortranarray(pixels.sum(axis=2).astype(np.uint8))
    return rle.encode(rle.decode(rle.check(coco.encode(summed)), summed.shape))


def covered_once(pixels: NDArray[np.uint8]) -> RLE | None:
    """What LISA takes for the mask: its histogram counts what is 1 in the sum of the parts, and drops what is 2."""
    return rle.encode(pixels.sum(axis=2) == 1) if pixels.shape[2] else None


def _listed(segmentation: object) -> list[Any]:
    return segmentation if isinstance(segmentation, list) else [segmentation]


def _part(part: Any, size: Size) -> NDArray[np.uint8]:  # noqa: ANN401 - JSON
    if isinstance(part, dict):
        return rle.decode(rle.check(part, size), size).astype(np.uint8)
    if len(part) == 4:  # two points, which pycocotools would take for a box
        part = [*part, *part[:2]]
    (encoded,) = coco.frPyObjects([part], *size)
    return rle.decode(rle.check(encoded), size).astype(np.uint8)


def _is_number(value: Any) -> bool:  # noqa: ANN401 - JSON
    return isinstance(value, (int, float)) and not isinstance(value, bool) and np.isfinite(value)
