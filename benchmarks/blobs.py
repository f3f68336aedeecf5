"""Objects that move and deform, as tracks of RLE: column by column from smooth outlines, without a pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from sama_bench.types import RLE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WAVES = 4


@dataclass(frozen=True)
class Blob:
    """What an object looks like and how it moves; lengths in pixels, speeds in pixels a frame.

    `waves` are amplitude, frequency and phase of the ripples of its upper and lower edge, (2, 3, WAVES); `gap` is the
    share of its height that something in front of it hides, 0 for nothing; `rough` the deviation of its edges.
    """

    centre: tuple[float, float]
    speed: tuple[float, float]
    sway: tuple[float, float]
    half: tuple[float, float]
    waves: Floats
    gap: float
    rough: float


def new_blob(rng: np.random.Generator, size: tuple[int, int], frames: int) -> Blob:
    """An object of 0.8 to 20 % of the frame; about one in six leaves it."""
    height, width = size
    shape, scale = (
        rng.uniform(0.5, 2.0),
        np.sqrt(height * width * np.exp(rng.uniform(np.log(0.008), np.log(0.2))) / np.pi),
    )
    reach = rng.uniform(-1, 1, 2) * (0.3 if rng.random() < 0.83 else 1.2)
    return Blob(
        (rng.uniform(0.25, 0.75) * width, rng.uniform(0.3, 0.7) * height),
        (reach[0] * width / frames, reach[1] * height / frames / 2),
        (rng.uniform(0, 0.05) * width, rng.uniform(0, 0.05) * height),
        (scale * np.sqrt(shape), scale / np.sqrt(shape)),
        np.stack([_waves(rng), _waves(rng)]),
        rng.uniform(0.1, 0.3) if rng.random() < 0.25 else 0.0,
        rng.uniform(0.3, 0.8),
    )


def predicted(rng: np.random.Generator, blob: Blob) -> Blob:
    """The object as a model might see it: a little elsewhere, larger or smaller, with other edges."""
    error = float(np.exp(rng.normal(-3.4, 0.8)))
    off, grown = rng.normal(0, error, 2), np.exp(rng.normal(0, error, 2))
    waves = blob.waves.copy()
    waves[:, 0] += rng.normal(0, error, (2, WAVES))
    return replace(
        blob,
        centre=(blob.centre[0] + off[0] * blob.half[0], blob.centre[1] + off[1] * blob.half[1]),
        half=(blob.half[0] * grown[0], blob.half[1] * grown[1]),
        waves=waves,
        rough=rng.uniform(0.2, 0.9),
    )


def track(rng: np.random.Generator, blob: Blob, size: tuple[int, int], frames: int) -> list[RLE | None]:
    """The masks of the object in each frame."""
    columns, spans = _spans(rng, blob, size, frames)
    runs = [_runs(*frame, size) for frame in zip(columns, spans, strict=True)]
    seen = [{"size": list(size), "counts": one} for one in runs if one]
    packed = iter(coco.frPyObjects(seen, *size) if seen else [])
    return [RLE(size=list(size), counts=next(packed)["counts"].decode()) if one else None for one in runs]


def _waves(rng: np.random.Generator) -> Floats:
    amplitude = rng.normal(0, 0.12, WAVES) / np.arange(1, WAVES + 1) ** 0.5
    return np.stack([amplitude, rng.uniform(1, 9, WAVES), rng.uniform(0, 2 * np.pi, WAVES)])


def _spans(rng: np.random.Generator, blob: Blob, size: tuple[int, int], frames: int) -> tuple[Ints, Ints]:
    """The columns that the object may reach, (T, W), and begin and end of up to two runs in each, (T, W, 4).

    Begin and end are rows, and equal where there is no run.
    """
    height, width = size
    time = np.arange(frames, dtype=np.float64)
    swing = np.sin(time / 9)
    x = blob.centre[0] + (time - frames / 2) * blob.speed[0] + blob.sway[0] * swing
    y = blob.centre[1] + (time - frames / 2) * blob.speed[1] + blob.sway[1] * np.cos(time / 7)
    across = blob.half[0] * (1 + 0.15 * np.sin(time / 13))
    columns = np.floor(x - across).astype(np.int64)[:, None] + np.arange(int(2 * across.max()) + 3)
    u = (columns - x[:, None]) / across[:, None]
    arch = blob.half[1] * np.sqrt(np.maximum(1 - u**2, 0))
    top, bottom = (arch * (1 + _ripple(edge, u, time)) for edge in blob.waves)
    rough = rng.normal(0, blob.rough, (2, *u.shape)) * (arch > 0)
    top, bottom = y[:, None] - top + rough[0], y[:, None] + bottom + rough[1]
    middle = y[:, None] + blob.half[1] * 0.3 * np.sin(2 * u)
    hidden = blob.gap * blob.half[1] * ((u > -0.5) & (u < 0.7))
    edges = np.stack([top, middle - hidden / 2, middle + hidden / 2, bottom], axis=2)
    spans: Ints = np.clip(np.maximum.accumulate(edges, axis=2).round(), 0, height).astype(np.int64)
    spans[(arch == 0) | (columns < 0) | (columns >= width)] = 0
    return columns, spans


def _ripple(waves: Floats, u: Floats, time: Floats) -> Floats:
    amplitude, frequency, phase = waves
    total = np.zeros_like(u)
    for a, f, p in zip(amplitude, frequency, phase, strict=True):
        total += a * np.sin(f * u + p + time[:, None] / 20)
    return np.maximum(total, -0.8)


def _runs(columns: Ints, spans: Ints, size: tuple[int, int]) -> list[int]:
    """Run lengths of one frame, the first of zeros; none where the mask is empty. Runs that touch become one."""
    height, width = size
    there = spans[:, 3] > spans[:, 0]
    places = (spans[there] + columns[there, None] * height).ravel()
    # Of a place that occurs twice nothing is left, of one that occurs three times one: what begins ends there.
    if not (places[1:] != places[:-1]).all():
        places, counts = np.unique(places, return_counts=True)
        places = places[counts % 2 == 1]
    if not places.size:
        return []
    ends = [] if places[-1] == height * width else [height * width]
    return np.diff(np.concatenate(([0], places, ends))).astype(np.int64).tolist()
