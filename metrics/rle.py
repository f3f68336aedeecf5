"""Masks as COCO run lengths: checked, decoded, encoded, united, resized.

An RLE tells the runs of a mask in column-major order, the first one of zeros (it may be 0).
pycocotools decodes whatever it is given, a truncated string too, so nothing that was read from a file
may reach it unchecked: `check` and `check_track` read the string themselves. The functions on single
masks take what these, or `encode`, returned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pycocotools import mask as coco

from sama_bench.metrics.rle_codec import MAX_DIGITS, Ints, RLEError, parse

__all__ = [
    "MAX_AREA", "MAX_SIDE", "RLE", "Checked", "RLEError", "Track", "area", "areas", "as_checked", "as_fitting", "check",
    "check_track", "decode", "decode_track", "encode", "encode_track", "encode_within", "filled_box", "frame_areas",
    "resize", "runs", "track_runs", "union",
]  # fmt: skip

MAX_SIDE = 32767
MAX_AREA = 2**28
AT_ONCE = 64
MOST_CHANGES = 20_000  # more are faster encoded pixel by pixel
SPARE_RUNS = 16  # empty ones, which a writer may have left in; more than that no mask needs


class RLE(TypedDict):
    """One mask: `size` is [H, W], `counts` COCO's compressed string."""

    size: list[int]
    counts: str


Track: TypeAlias = Sequence[RLE | None]
"""One object through a video: a mask per frame, None where it is empty."""

Mask: TypeAlias = NDArray[np.bool_]


class Checked(list[RLE | None]):
    """A track of which each mask is known to be valid; whoever needs that need not look again."""


def check(rle: object, size: tuple[int, int] | None = None) -> RLE:
    """Return `rle` (as it came out of JSON) in canonical compressed form: no empty run after the first.

    `counts` may be a compressed string (or its bytes) or a list of run lengths. Raises RLEError unless
    the size is two sides of 1 to 32767 (area up to 2**28; equal to `size` where that is given) and the
    runs are complete, not negative, and sum to height x width.
    """
    shape, counts = _parts(rle, size)
    if isinstance(counts, list | tuple):
        return _from_runs(_listed_runs(counts, shape), shape)
    text = _text(counts, shape)
    parsed = parse([text])
    _check_sum(parsed.runs, shape)
    if parsed.shortest and parsed.runs[1:].all():
        return {"size": list(shape), "counts": text.decode("ascii")}
    return _from_runs(parsed.runs, shape)


def check_track(track: object, length: int | None = None, size: tuple[int, int] | None = None) -> Checked:
    """Return `track` with each mask checked as `check` does, and None for each one without a pixel.

    Raises RLEError, naming the frame, unless it is a list of valid masks or None; of `length` entries
    and of `size`, where those are given. Much faster than as many calls of `check`.
    """
    if not isinstance(track, list | tuple):
        raise RLEError(f"a track is a list with one mask or null per frame, not {type(track).__name__}")
    if length is not None and len(track) != length:
        raise RLEError(f"track has {len(track)} entries, expected one for each of {length} frames")
    out = Checked()
    for begin in range(0, len(track), AT_ONCE):
        part = track[begin : begin + AT_ONCE]
        out += _quick(part, size) or _one_by_one(part, size, begin)
    return out


def as_checked(track: Track) -> Checked:
    """Return the very track where it was checked before, else `check_track` of it."""
    return track if isinstance(track, Checked) else check_track(track)


def as_fitting(track: Track, length: int, size: tuple[int, int]) -> Checked:
    """`as_checked`; raises RLEError, too, where the track is not of `length` entries, or a mask not of `size`."""
    checked = track if isinstance(track, Checked) else check_track(track, length, size)
    if len(checked) != length or any(mask is not None and mask["size"] != list(size) for mask in checked):
        raise RLEError(f"track is not of {length} entries of {size[0]}x{size[1]} (height x width)")
    return checked


def runs(rle: RLE) -> Ints:
    """Run lengths of a mask, int64, the first one of zeros; they sum to height x width."""
    return parse([rle["counts"].encode()]).runs


def track_runs(track: Track) -> Iterator[Ints | None]:
    """Yield the run lengths of each frame as `runs` does, or None; faster than as many calls of it."""
    for start in range(0, len(track), AT_ONCE):
        part = track[start : start + AT_ONCE]
        texts = [mask["counts"].encode() for mask in part if mask is not None]
        parsed = parse(texts) if texts else None
        each = iter(np.split(parsed.runs, parsed.starts[1:]) if parsed else [])
        yield from (None if mask is None else next(each) for mask in part)


def area(rle: RLE) -> int:
    """Count the pixels of the mask."""
    return int(coco.area(rle))


def areas(track: Track) -> list[int]:
    """Count the pixels of each mask of a valid track, 0 for None; faster than as many calls of `area`."""
    counted: list[int] = frame_areas(track).tolist()
    return counted


def frame_areas(track: Track) -> Ints:
    """Return what `areas` does as int64 of shape (T,)."""
    counted = np.zeros(len(track), np.int64)
    present = [frame for frame, mask in enumerate(track) if mask is not None]
    # pycocotools writes the number of masks of a list into a uint8, which NumPy 2 refuses from 256 on.
    for start in range(0, len(present), AT_ONCE):
        part = present[start : start + AT_ONCE]
        counted[part] = coco.area([track[frame] for frame in part])
    return counted


def decode(rle: RLE | None, size: tuple[int, int]) -> Mask:
    """Return the (H, W) bool array of a valid mask, all False for None, in any memory order.

    Raises RLEError where `size` is not the mask's own.
    """
    if rle is None:
        return np.zeros(size, bool)
    if tuple(rle["size"]) != tuple(size):
        raise RLEError(f"mask is {rle['size'][0]}x{rle['size'][1]} (height x width), expected {size[0]}x{size[1]}")
    lengths = runs(rle)
    on = np.arange(lengths.size) % 2 == 1
    return np.repeat(on, lengths).reshape(size[::-1]).T


def decode_track(track: Track, size: tuple[int, int]) -> Mask:
    """(T, H, W) bool array of a valid track, all False where it has None; raises RLEError for another size."""
    out = np.zeros((len(track), *size), bool)
    for index, mask in enumerate(track):
        if mask is not None:
            out[index] = decode(mask, size)
    return out


def encode(mask: ArrayLike) -> RLE | None:
    """RLE of an (H, W) array, True where it is not 0; None where it is 0 everywhere."""
    pixels = np.asarray(mask) != 0
    if pixels.ndim != 2:
        raise RLEError(f"a mask has shape (H, W), not {pixels.shape}")
    height, width = pixels.shape
    rows = np.flatnonzero(pixels.any(axis=1))
    if not rows.size:
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(pixels[top:bottom].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    return encode_within(pixels[top:bottom, left:right], (top, left), (height, width))


def encode_within(pixels: Mask, corner: tuple[int, int], size: tuple[int, int]) -> RLE | None:
    """RLE of `size` (H, W) of a bool (h, w) rectangle whose first pixel is at `corner` (row, column); all else is 0.

    None where it is 0 everywhere. The rectangle lies within the size.
    """
    (top, left), (height, width) = corner, size
    columns, rows = _changes(pixels)
    if columns.size > MOST_CHANGES:
        whole = np.zeros(size, np.uint8, order="F")
        whole[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
        return _from_coco(coco.encode(whole))
    places = (left + columns) * height + top + rows
    return _from_runs(np.diff(places, prepend=0, append=height * width), (height, width)) if places.size else None


def _changes(pixels: Mask) -> tuple[Ints, Ints]:
    """Columns and rows of the pixels, in column-major order, that differ from the one above; outside there is none."""
    height, width = pixels.shape
    spaced = np.zeros(width * (height + 1) + 1, np.bool_)  # 0 before all, and after each column's last pixel
    spaced[1:].reshape(width, height + 1)[:, :height] = pixels.T
    columns, rows = np.divmod(np.flatnonzero(spaced[1:] != spaced[:-1]), height + 1)
    return columns, rows


def encode_track(masks: ArrayLike) -> Checked:
    """Track of a (T, H, W) array, True where it is not 0."""
    frames = np.asarray(masks)
    if frames.ndim != 3:
        raise RLEError(f"masks of a track have shape (T, H, W), not {frames.shape}")
    return Checked(encode(frame) for frame in frames)


def union(tracks: Sequence[Track]) -> Checked:
    """Return the pixels of any of the tracks, frame by frame; no track gives no frame.

    Raises RLEError where a mask is not valid, or where lengths or sizes differ.
    """
    if len({len(track) for track in tracks}) > 1:
        raise RLEError("tracks of different lengths cannot be united")
    frames = zip(*map(as_checked, tracks), strict=True)
    return Checked(_unite([mask for mask in frame if mask is not None]) for frame in frames)


def resize(rle: RLE, size: tuple[int, int]) -> RLE | None:
    """Return the mask at another size (H, W), its pixels picked exactly as OpenCV's INTER_NEAREST does."""
    import cv2

    height, width = rle["size"]
    pixels = np.ascontiguousarray(decode(rle, (height, width))).view(np.uint8)
    return encode(cv2.resize(pixels, (size[1], size[0]), interpolation=cv2.INTER_NEAREST))


def filled_box(rle: RLE) -> RLE | None:
    """All pixels of the mask's bounding box; None where the mask is empty."""
    height, width = rle["size"]
    left, top, across, down = (int(side) for side in coco.toBbox(rle))
    if not across:
        return None
    columns = np.tile(np.array([down, height - down], np.int64), across)
    columns[-1] += height * width - columns.sum() - left * height - top
    return _from_runs(np.concatenate(([left * height + top], columns)), (height, width))


def _quick(masks: Sequence[object], size: tuple[int, int] | None) -> list[RLE | None] | None:
    """Return the masks as `check_track` does where all are in canonical form; None where any may not be."""
    try:
        parts = [_parts(mask, size) for mask in masks if mask is not None]
        texts = [_text(counts, shape) for shape, counts in parts]
        parsed = parse(texts) if texts else None
    except RLEError:
        return None
    if parsed is None:
        return [None] * len(masks)
    sums = np.add.reduceat(parsed.runs, parsed.starts)
    later = parsed.runs.copy()
    later[parsed.starts] += 1
    if not parsed.shortest or later.min() < 1 or later.max() > MAX_AREA:
        return None
    if sums.tolist() != [height * width for (height, width), _ in parts]:
        return None
    empty = parsed.runs[parsed.starts] == sums
    valid = iter(
        None if void else RLE(size=list(shape), counts=text.decode("ascii"))
        for void, (shape, _), text in zip(empty, parts, texts, strict=True)
    )
    return [None if mask is None else next(valid) for mask in masks]


def _one_by_one(masks: Sequence[object], size: tuple[int, int] | None, first_frame: int) -> list[RLE | None]:
    """Return the masks as `check_track` does, whatever they are; `first_frame` is the frame of the first."""
    out: list[RLE | None] = []
    for index, mask in enumerate(masks, first_frame):
        try:
            valid = None if mask is None else check(mask, size)
        except RLEError as problem:
            raise RLEError(f"frame {index}: {problem}") from None
        out.append(valid if valid is not None and area(valid) else None)
    return out


def _parts(rle: object, size: tuple[int, int] | None) -> tuple[tuple[int, int], object]:
    """Return the size that an RLE claims, within bounds and equal to `size` where given, and its counts."""
    if not isinstance(rle, dict):
        raise RLEError(f"a mask is an object with size and counts, not {type(rle).__name__}")
    sides = rle.get("size")
    if not isinstance(sides, list | tuple) or len(sides) != 2 or not (_whole(sides[0]) and _whole(sides[1])):
        raise RLEError("size of a mask must be [height, width], two whole numbers")
    height, width = int(sides[0]), int(sides[1])
    if size is not None and (height, width) != tuple(size):
        raise RLEError(f"mask is {height}x{width} (height x width), expected {size[0]}x{size[1]}")
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE and height * width <= MAX_AREA):
        raise RLEError(f"size {height}x{width} of a mask: sides must be 1 to {MAX_SIDE}, their product to {MAX_AREA}")
    return (height, width), rle.get("counts")


def _whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _listed_runs(counts: Sequence[Any], shape: tuple[int, int]) -> Ints:
    """Run lengths given as a list."""
    total = shape[0] * shape[1]
    if not counts:
        raise RLEError("counts of a mask are empty")
    if not all(_whole(count) and 0 <= count <= total for count in counts):
        raise RLEError(f"counts of a mask must be whole numbers from 0 to its {total} pixels")
    runs = np.array(counts, np.int64)
    _check_sum(runs, shape)
    return runs


def _text(counts: object, shape: tuple[int, int]) -> bytes:
    """Return the compressed string as bytes, not empty and not longer than the mask can need."""
    if not isinstance(counts, str | bytes):
        raise RLEError("counts of a mask must be a compressed string or a list of run lengths")
    if isinstance(counts, str) and not counts.isascii():
        raise RLEError("counts of a mask hold characters that are not ASCII")
    if not counts:
        raise RLEError("counts of a mask are empty")
    if len(counts) > MAX_DIGITS * (shape[0] * shape[1] + SPARE_RUNS):
        raise RLEError(f"counts of a mask have {len(counts)} characters, too many for {shape[0]}x{shape[1]} pixels")
    return counts.encode() if isinstance(counts, str) else counts


def _check_sum(runs: Ints, shape: tuple[int, int]) -> None:
    """Raise unless the runs tell each pixel exactly once."""
    if runs.min() < 0:
        raise RLEError("counts of a mask hold a negative run")
    pixels = shape[0] * shape[1]
    if runs.max() > pixels or runs.sum() != pixels:  # runs longer than a mask could sum to it modulo 2**64
        total = runs.sum(dtype=np.float64)
        raise RLEError(f"counts of a mask sum to {total:.0f} pixels, expected {shape[0]}x{shape[1]} = {pixels}")


def _from_runs(runs: Ints, shape: tuple[int, int]) -> RLE:
    """RLE of run lengths that sum to the shape; empty runs after the first are merged away."""
    if runs[1:].all():
        return _from_coco(coco.frPyObjects({"size": list(shape), "counts": runs.tolist()}, *shape))
    colour = np.arange(runs.size) & 1
    kept = runs > 0
    lengths, colour = runs[kept], colour[kept]
    begins = np.flatnonzero(np.concatenate(([True], colour[1:] != colour[:-1])))
    merged = np.add.reduceat(lengths, begins).tolist()
    counts = [0, *merged] if colour[0] else merged
    return _from_coco(coco.frPyObjects({"size": list(shape), "counts": counts}, *shape))


def _from_coco(rle: dict[str, Any]) -> RLE:
    return {"size": [int(side) for side in rle["size"]], "counts": rle["counts"].decode("ascii")}


def _unite(masks: list[RLE]) -> RLE | None:
    """Pixels of any of the masks of one frame."""
    if not masks:
        return None
    if len({tuple(mask["size"]) for mask in masks}) > 1:
        raise RLEError("masks of different sizes cannot be united")
    return masks[0] if len(masks) == 1 else _from_coco(coco.merge(masks))
