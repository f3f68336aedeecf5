"""Boundary accuracy F of DAVIS-2017, from run lengths and on packed pixels.

The reference dilates two full-frame boundary maps with a disk. Here only the rectangle that holds both
masks is painted, eight pixels to a byte, and the dilation is a union of shifted copies. A byte holds
eight *distant* columns: bit j of stripe i is column j * n + i, where n is the number of stripes. So a
neighbour in any direction lies in the same bit of a neighbouring byte, but for the seams between
column n - 1 of one bit and column 0 of the next, which are copied beside the stripes once.
"""

from __future__ import annotations

from math import ceil, isqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from sama_bench.metrics.region import comparable
from sama_bench.metrics.rle import Track, track_runs

Ints = NDArray[np.int64]
Bits = NDArray[np.uint8]


class _Box(NamedTuple):
    """A rectangle of pixels; `bottom` and `right` are the first row and column outside."""

    top: int
    left: int
    bottom: int
    right: int


class _Mask(NamedTuple):
    """A mask that is neither empty nor full: run lengths and bounding box."""

    runs: Ints
    box: _Box


def boundary_f(truth: Track, predicted: Track, size: tuple[int, int], bound_th: float = 0.008) -> NDArray[np.float64]:
    """Return F of each frame, float64 in [0, 1]; 1 where neither mask has a boundary, 0 where only one has.

    Both tracks have one COCO RLE of `size` (H, W), or None, per frame; no frame gives an empty array.
    Boundaries match within `bound_th` pixels where it is a whole number from 1 on, else within `bound_th`
    times the frame's diagonal, rounded up. Raises RLEError where a mask is not valid, or where
    lengths or sizes differ; ValueError for another `bound_th`.
    Source: Perazzi et al., CVPR 2016; davis2017-evaluation, `db_eval_boundary`.
    """
    truth, predicted = comparable(truth, predicted, size)
    radius = _radius(size, bound_th)
    frames = zip(truth, predicted, _bounded(truth), _bounded(predicted), strict=True)
    scores = [1.0 if one == other else _f(true, given, size, radius) for one, other, true, given in frames]
    return np.array(scores, np.float64)


def _radius(size: tuple[int, int], bound_th: float) -> int:
    """Return the tolerance in pixels; more than both sides together makes no difference."""
    if not bound_th >= 0 or (bound_th >= 1 and bound_th % 1 != 0):
        raise ValueError(f"Expected bound_th to be a fraction from 0 to 1 or a whole number, but got {bound_th}")
    return min(int(bound_th if bound_th >= 1 else ceil(bound_th * np.linalg.norm(size))), sum(size))


def _bounded(track: Track) -> list[_Mask | None]:
    """Return the masks of a track; None for those without any boundary, which are empty or full."""
    boxes = iter(coco.toBbox([one for one in track if one is not None]).astype(int).tolist())
    out: list[_Mask | None] = []
    for runs in track_runs(track):
        if runs is None:
            out.append(None)
            continue
        left, top, across, down = next(boxes)
        box = _Box(top, left, top + down, left + across)
        out.append(_Mask(runs, box) if np.count_nonzero(runs) > 1 else None)
    return out


def _f(truth: _Mask | None, predicted: _Mask | None, size: tuple[int, int], radius: int) -> float:
    """Return F of one frame."""
    if truth is None or predicted is None:
        return float(truth is predicted)
    if _apart(truth.box, predicted.box, radius):
        return 0.0
    boundaries = _boundaries((truth, predicted), size, radius)
    near = _dilated(boundaries, radius)
    true, given = map(_count, boundaries)
    true_found, given_right = map(_count, boundaries & near[::-1])
    precision, recall = given_right / given, true_found / true
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _apart(one: _Box, other: _Box, radius: int) -> bool:
    """Tell whether no boundary pixels can match; a boundary reaches one row and column before its mask."""
    rows = max(one.top - other.bottom, other.top - one.bottom)
    columns = max(one.left - other.right, other.left - one.right)
    return max(rows, columns) > radius


def _boundaries(masks: tuple[_Mask, _Mask], size: tuple[int, int], radius: int) -> Bits:
    """Return which pixels differ from their right, lower or lower right neighbour, uint8 of shape (2, n, h).

    Beyond the last row and column of the frame lie copies of them. Around the masks the rectangle has a
    row and a column to spare, but for the frame's borders; n is at least `radius`.
    """
    crop = _around(masks[0].box, masks[1].box, size)
    width = crop.right - crop.left
    stripes = max(ceil(width / 8), radius)
    pixels = _painted(masks, crop, size[0], stripes)
    pixels[:, :, -1] = pixels[:, :, -2]
    here, below = pixels[:, :, :-1], pixels[:, :, 1:]
    right = np.concatenate((pixels[:, 1:], pixels[:, :1] >> 1), axis=1)
    inside = np.packbits(np.arange(8 * stripes).reshape(8, stripes) < width - 1, axis=0, bitorder="little")
    sideways = ((here ^ right[:, :, :-1]) | (here ^ right[:, :, 1:])) & inside.reshape(stripes, 1)
    boundaries: Bits = sideways | (here ^ below)
    return boundaries


def _around(one: _Box, other: _Box, size: tuple[int, int]) -> _Box:
    """Return the box of both boxes, grown by a pixel where the frame allows."""
    return _Box(
        max(min(one.top, other.top) - 1, 0),
        max(min(one.left, other.left) - 1, 0),
        min(max(one.bottom, other.bottom) + 1, size[0]),
        min(max(one.right, other.right) + 1, size[1]),
    )


def _painted(masks: tuple[_Mask, _Mask], crop: _Box, height: int, stripes: int) -> Bits:
    """Return the masks' pixels within `crop`, uint8 of shape (2, stripes, h + 1); the last row is spare.

    Bits are toggled where runs begin and behind their last pixels; each cell then is the XOR of all
    before it. What is on at the end of a bit's last column goes on in the next bit's first.
    """
    rows = crop.bottom - crop.top + 1
    cells = np.zeros((2, stripes * rows), np.uint8)
    for row, mask in zip(cells, masks, strict=True):
        cell, bit = _toggles(mask.runs, crop, height, stripes)
        np.bitwise_xor.at(row, cell, bit)
    np.bitwise_xor.accumulate(cells, axis=1, out=cells)
    carried = cells[:, -1:].copy()
    for step in (1, 2, 4):
        carried ^= carried << step
    cells ^= carried << 1
    return cells.reshape(2, stripes, rows)


def _toggles(runs: Ints, crop: _Box, height: int, stripes: int) -> tuple[Ints, Bits]:
    """Return the cells where pixels switch on or off, and the bits there."""
    ends = np.cumsum(runs)
    on, last = ends[0 : ends.size // 2 * 2 : 2], ends[1::2] - 1
    column, row = np.divmod(np.concatenate((on, last)), height)
    row[on.size :] += 1
    bit, stripe = np.divmod(column - crop.left, stripes)
    return stripe * (crop.bottom - crop.top + 1) + row - crop.top, np.left_shift(1, bit).astype(np.uint8)


def _dilated(boundaries: Bits, radius: int) -> Bits:
    """Return `boundaries` dilated by a disk, dx * dx + dy * dy <= radius * radius, in the same form.

    Along a stripe a row of zeros as long as the radius keeps what is shifted out from the next stripe.
    """
    _, stripes, rows = boundaries.shape
    room = np.zeros((2, stripes + 2 * radius, rows + radius), np.uint8)
    room[:, :radius, :rows] = boundaries[:, stripes - radius :] << 1
    room[:, radius : radius + stripes, :rows] = boundaries
    room[:, radius + stripes :, :rows] = boundaries[:, :radius] >> 1
    flat, wide, out = room.ravel(), room.flatten(), np.zeros(room.size, np.uint8)
    done = 0
    for down in range(radius, -1, -1):
        reach = isqrt(radius * radius - down * down)
        for across in range(done + 1, reach + 1):
            _spread(wide, flat, across * room.shape[2])
        _spread(out, wide, down)
        done = reach
    return out.reshape(room.shape)[:, radius : radius + stripes, :rows]


def _spread(out: Bits, flat: Bits, offset: int) -> None:
    """Set in `out` what is set in `flat` at that offset, before and after."""
    out[offset:] |= flat[: flat.size - offset]
    out[: flat.size - offset] |= flat[offset:]


def _count(bits: Bits) -> int:
    return int(np.count_nonzero(np.unpackbits(bits)))
