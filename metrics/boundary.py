"""Boundary accuracy F of DAVIS-2017, from run lengths and on packed pixels.

The reference dilates two full-frame boundary maps with a disk. Here only the rectangle that holds both
masks is painted, eight pixels to a byte, and the dilation is a union of shifted copies. A byte holds
eight *distant* columns: bit j of stripe i is column j * n + i, where n is the number of stripes. So a
neighbour in any direction lies in the same bit of a neighbouring byte, but for the seams between
column n - 1 of one bit and column 0 of the next, which are copied beside the stripes once.

Several frames are done at once, each with its own rectangle in its own bytes: the frame is the last axis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, isqrt

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from sama_bench.metrics.iou import comparable
from sama_bench.metrics.rle import RLE, Track, frame_areas
from sama_bench.metrics.rle_codec import parse

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Bits = NDArray[np.uint8]

WORD = 8  # frames of a batch are filled up to it: an XOR then takes eight bytes at a time
BATCH_BYTES = 1 << 19  # what a batch paints; larger ones no longer fit the processor's cache
ONES = np.array([number.bit_count() for number in range(256)], np.uint8)
ones_of: Callable[[Bits], Bits] = getattr(np, "bitwise_count", ONES.__getitem__)  # NumPy has it from 2.0 on
SUMMED = 31  # bytes whose bits can be counted in a byte


@dataclass(frozen=True)
class _Boxes:
    """Rectangles of pixels, one for each frame; `bottom` and `right` are the first row and column outside."""

    top: Ints
    left: Ints
    bottom: Ints
    right: Ints

    def of(self, frames: Ints) -> _Boxes:
        """The rectangles of some frames."""
        return _Boxes(self.top[frames], self.left[frames], self.bottom[frames], self.right[frames])


def boundary_f(truth: Track, predicted: Track, size: tuple[int, int], bound_th: float = 0.008) -> Floats:
    """Return F of each frame, float64 in [0, 1]; 1 where neither mask has a boundary, 0 where only one has.

    Both tracks have one COCO RLE of `size` (H, W), or None, per frame; no frame gives an empty array.
    Boundaries match within `bound_th` pixels where it is a whole number from 1 on, else within `bound_th`
    times the frame's diagonal, rounded up. Raises RLEError where a mask is not valid, or where
    lengths or sizes differ; ValueError for another `bound_th`.
    Source: Perazzi et al., CVPR 2016; davis2017-evaluation, `db_eval_boundary`.
    """
    truth, predicted = comparable(truth, predicted, size)
    radius = _radius(size, bound_th)
    equal = np.array([mask == other for mask, other in zip(truth, predicted, strict=True)], bool)
    (true, has_true), (predicted_boxes, has_given) = _boxes(truth, size), _boxes(predicted, size)
    scores = np.where(equal | ~(has_true | has_given), 1.0, 0.0)
    compared = np.flatnonzero(~equal & has_true & has_given & ~_apart(true, predicted_boxes, radius))
    crops = _around(true, predicted_boxes, size)
    for frames in _batches(compared, crops, radius):
        masks = [mask for track in (truth, predicted) for frame in frames if (mask := track[frame]) is not None]
        scores[frames] = _f(masks, crops.of(frames), size, radius)
    return scores


def _radius(size: tuple[int, int], bound_th: float) -> int:
    """Return the tolerance in pixels; more than both sides together makes no difference."""
    if not bound_th >= 0 or (bound_th >= 1 and bound_th % 1 != 0):
        raise ValueError(f"Expected bound_th to be a fraction from 0 to 1 or a whole number, but got {bound_th}")
    return min(int(bound_th if bound_th >= 1 else ceil(bound_th * np.linalg.norm(size))), sum(size))


def _boxes(track: Track, size: tuple[int, int]) -> tuple[_Boxes, Bools]:
    """Return the boxes of the masks, and which masks have a boundary: those neither empty nor full."""
    present = [frame for frame, mask in enumerate(track) if mask is not None]
    masks = [track[frame] for frame in present]
    left, top, across, down = np.zeros((4, len(track)), np.int64)
    areas = frame_areas(track)
    if masks:
        sides: Ints = coco.toBbox(masks).astype(np.int64)
        left[present], top[present], across[present], down[present] = sides.T
    return _Boxes(top, left, top + down, left + across), (areas > 0) & (areas < size[0] * size[1])


def _apart(boxes: _Boxes, other: _Boxes, radius: int) -> Bools:
    """Tell where no boundary pixels can match; a boundary reaches one row and column before its mask."""
    rows = np.maximum(boxes.top - other.bottom, other.top - boxes.bottom)
    columns = np.maximum(boxes.left - other.right, other.left - boxes.right)
    far_apart: Bools = np.maximum(rows, columns) > radius
    return far_apart


def _around(boxes: _Boxes, other: _Boxes, size: tuple[int, int]) -> _Boxes:
    """Return the boxes of both boxes, grown by a pixel where the frame allows."""
    return _Boxes(
        np.maximum(np.minimum(boxes.top, other.top) - 1, 0),
        np.maximum(np.minimum(boxes.left, other.left) - 1, 0),
        np.minimum(np.maximum(boxes.bottom, other.bottom) + 1, size[0]),
        np.minimum(np.maximum(boxes.right, other.right) + 1, size[1]),
    )


def _batches(frames: Ints, crops: _Boxes, radius: int) -> Iterator[Ints]:
    """Yield the frames in turn, as many as can be painted at once."""
    begin, most = 0, 0
    for end, frame in enumerate(frames):
        rows, stripes = crops.bottom[frame] - crops.top[frame], (crops.right[frame] - crops.left[frame]) // 8
        largest = max(most, int((rows + radius) * (max(stripes, radius) + 2 * radius)))
        if end > begin and 2 * largest * (end + 1 - begin) > BATCH_BYTES:
            yield frames[begin:end]
            begin, largest = end, 0
        most = largest
    if begin < frames.size:
        yield frames[begin:]


def _f(masks: list[RLE], crops: _Boxes, size: tuple[int, int], radius: int) -> Floats:
    """Return F of each frame of a batch: `masks` are the true ones, then the predicted ones."""
    boundaries = _boundaries(masks, crops, size, radius)
    near_boundaries = _dilated(boundaries, radius)
    frames = crops.top.size
    true, predicted_count = _count(boundaries)[:, :frames]
    true_found, given_right = _count(boundaries & near_boundaries[::-1])[:, :frames]
    precision, recall = given_right / predicted_count, true_found / true
    total = precision + recall
    scores: Floats = np.divide(2 * precision * recall, total, out=np.zeros(frames), where=total > 0)
    return scores


def _boundaries(masks: list[RLE], crops: _Boxes, size: tuple[int, int], radius: int) -> Bits:
    """Return which pixels differ from their right, lower or lower right neighbour, uint8 of shape (2, n, h, frames).

    Beyond the last row and column of the frame lie copies of them. Around the masks each rectangle has a
    row and a column to spare, but for the frame's borders; n is at least `radius`.
    """
    height, width = crops.bottom - crops.top, crops.right - crops.left
    stripes = max(ceil(int(width.max()) / 8), radius)
    pixels = _painted(masks, crops, size[0], stripes)
    here, below = pixels[:, :, :-1], pixels[:, :, 1:]
    right = np.concatenate((pixels[:, 1:], pixels[:, :1] >> 1), axis=1)
    beside = here ^ right[:, :, :-1]
    boundaries: Bits = here ^ right[:, :, 1:]
    boundaries |= beside
    last = np.flatnonzero(crops.right == size[1])
    stripe, bit = (width[last] - 1) % stripes, (width[last] - 1) // stripes
    for cells in (beside, boundaries):
        cells[:, stripe, :, last] &= ~np.left_shift(1, bit).astype(np.uint8)[:, None, None]
    boundaries |= here ^ below
    last = np.flatnonzero(crops.bottom == size[0])
    boundaries[:, :, height[last] - 1, last] = beside[:, :, height[last] - 1, last]
    return boundaries


def _painted(masks: list[RLE], crops: _Boxes, height: int, stripes: int) -> Bits:
    """Return the masks' pixels within their crops, uint8 of shape (2, stripes, h + 1, frames); the last row is spare.

    Bits are toggled where runs begin and behind their last pixels; each cell then is the XOR of all
    before it. What is on at the end of a bit's last column goes on in the next bit's first.
    """
    rows = int((crops.bottom - crops.top).max()) + 1
    room = ceil(crops.top.size / WORD) * WORD
    cells = np.zeros((2, stripes * rows, room), np.uint8)
    # No two toggles of a mask meet in one bit, so that adding them is the same as XOR, and faster.
    np.add.at(cells.reshape(-1), *_toggles(masks, crops, height, (stripes, rows, room)))
    words = cells.view(np.uint64)
    np.bitwise_xor.accumulate(words, axis=1, out=words)
    carried = cells[:, -1:].copy()
    for step in (1, 2, 4):
        carried ^= carried << step
    cells ^= carried << 1
    return cells.reshape(2, stripes, rows, room)


def _toggles(masks: list[RLE], crops: _Boxes, height: int, shape: tuple[int, int, int]) -> tuple[Ints, Bits]:
    """Return the cells where pixels switch on or off, and the bits there; `shape` is (stripes, rows, frames)."""
    stripes, rows, room = shape
    frames = crops.top.size
    parsed = parse([mask["counts"].encode() for mask in masks])
    lengths = np.diff(parsed.starts, append=parsed.runs.size)
    mask = np.repeat(np.arange(2 * frames), lengths)
    # The runs of a mask fill its frame, so the sum over all runs is the place in the frame behind the earlier ones.
    ends = np.cumsum(parsed.runs)
    ends -= np.repeat(ends[parsed.starts] - parsed.runs[parsed.starts], lengths)
    on = (np.arange(ends.size) - np.repeat(parsed.starts, lengths)) % 2 == 0
    kept = ~on
    kept[:-1] |= mask[1:] == mask[:-1]  # a last run of zeros ends without switching on
    mask, ends, on = mask[kept], ends[kept], on[kept]
    places = ends - ~on
    columns = places // height
    down = places - columns * height + ~on
    frame = mask % frames
    columns -= crops.left[frame]
    bit = columns // stripes
    cell = (columns - bit * stripes) * rows + down - crops.top[frame]
    cell += (mask >= frames) * (stripes * rows)
    return cell * room + frame, np.left_shift(1, bit).astype(np.uint8)


def _dilated(boundaries: Bits, radius: int) -> Bits:
    """Return `boundaries` dilated by a disk, dx * dx + dy * dy <= radius * radius, in the same form.

    Along a stripe a row of zeros as long as the radius keeps what is shifted out from the next stripe.
    """
    _, stripes, rows, frames = boundaries.shape
    room = np.zeros((2, stripes + 2 * radius, rows + radius, frames), np.uint8)
    room[:, :radius, :rows] = boundaries[:, stripes - radius :] << 1
    room[:, radius : radius + stripes, :rows] = boundaries
    room[:, radius + stripes :, :rows] = boundaries[:, :radius] >> 1
    flat, wide, out = room.ravel(), room.flatten(), np.zeros(room.size, np.uint8)
    done = 0
    for down in range(radius, -1, -1):
        reach = isqrt(radius * radius - down * down)
        for across in range(done + 1, reach + 1):
            _spread(wide, flat, across * room.shape[2] * frames)
        _spread(out, wide, down * frames)
        done = reach
    return out.reshape(room.shape)[:, radius : radius + stripes, :rows]


def _spread(out: Bits, flat: Bits, offset: int) -> None:
    """Set in `out` what is set in `flat` at that offset, before and after."""
    out[offset:] |= flat[: flat.size - offset]
    if offset:
        out[: flat.size - offset] |= flat[offset:]


def _count(bits: Bits) -> Ints:
    """Return how many bits are set, of each mask and frame: int64 (2, frames)."""
    frames = bits.shape[3]
    set_bits = ones_of(bits).reshape(2, -1, frames)
    whole = set_bits.shape[1] // SUMMED * SUMMED
    parts = set_bits[:, :whole].reshape(2, -1, SUMMED, frames).sum(axis=2, dtype=np.uint8)
    counts: Ints = parts.sum(axis=1, dtype=np.int64) + set_bits[:, whole:].sum(axis=1, dtype=np.int64)
    return counts
