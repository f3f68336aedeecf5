"""Outlines of drawn things, and their exact filling on a pixel grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.float64]
Pairs: TypeAlias = Sequence[tuple[float, float]]


def oval(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> Points:
    """An ellipse around (x, y), turned clockwise by `turn` degrees, as (48, 2) points."""
    return arc(x, y, rx, ry, 0.0, 360.0 * 47 / 48, turn)


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float, turn: float = 0.0) -> Points:
    """Part of an ellipse from `start` to `end` degrees, clockwise from the right, as (48, 2) points."""
    angle = np.radians(np.linspace(start, end, 48))
    line = turned(np.stack([rx * np.cos(angle), ry * np.sin(angle)], axis=1), turn)
    line += (x, y)
    return line


def box(left: float, top: float, right: float, bottom: float, corner: float = 0.0) -> Points:
    """A rectangle with rounded corners, as (4 to 48, 2) points."""
    if not corner:
        return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float64)
    corners = [(right, bottom, 0), (left, bottom, 90), (left, top, 180), (right, top, 270)]
    inner = [
        arc(
            x - np.sign(x - left) * corner if x == right else x + corner,
            y - corner if y == bottom else y + corner,
            corner,
            corner,
            start,
            start + 90,
        )[::4]
        for x, y, start in corners
    ]
    return np.concatenate(inner)


def bar(x0: float, y0: float, x1: float, y1: float, width: float, end: float | None = None) -> Points:
    """A straight stroke whose width goes from `width` to `end`, as (4, 2) points."""
    along = np.array([x1 - x0, y1 - y0])
    across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9) / 2
    tip = width if end is None else end
    a, b = np.array([x0, y0]), np.array([x1, y1])
    return np.stack([a + across * width, b + across * tip, b - across * tip, a - across * width])


def curve(points: Pairs, steps: int = 8) -> Points:
    """A smooth closed line through `points` (Catmull-Rom), as (len(points) * steps, 2) points."""
    p = np.asarray(points, dtype=np.float64)
    before, after, later = np.roll(p, 1, 0), np.roll(p, -1, 0), np.roll(p, -2, 0)
    t = (np.arange(steps) / steps)[None, :, None]
    b, p0, p1, p2 = before[:, None], p[:, None], after[:, None], later[:, None]
    line = p0 + 0.5 * t * (p1 - b + t * (2 * b - 5 * p0 + 4 * p1 - p2 + t * (3 * (p0 - p1) + p2 - b)))
    return line.reshape(-1, 2)


def turned(points: Points, degrees: float, x: float = 0.0, y: float = 0.0) -> Points:
    """`points` turned clockwise around (x, y)."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    out: Points = (points - (x, y)) @ turn + (x, y)
    return out


def fill(points: NDArray[np.int64], height: int, width: int) -> NDArray[np.bool_]:
    """The pixels of a (height, width) grid whose centres lie inside the closed polygon (even-odd rule).

    `points` is (n, 2) of whole x, y. Only integers are used, so the mask is the same on every machine.
    """
    ends = np.concatenate([points, np.roll(points, -1, axis=0)], axis=1)
    ends = np.where((ends[:, 1] <= ends[:, 3])[:, None], ends, ends[:, [2, 3, 0, 1]])
    first = np.clip(ends[:, 1], 0, height)
    counts = np.clip(ends[:, 3], 0, height) - first
    edge = np.repeat(np.arange(len(ends)), counts)
    rows = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts - first, counts)
    xa, ya, xb, yb = ends[edge].T
    ahead = (2 * xa - 1) * (yb - ya) + (2 * (rows - ya) + 1) * (xb - xa)
    columns = np.clip(-(-ahead // (2 * (yb - ya))), 0, width)
    crossings = np.bincount(rows * (width + 1) + columns, minlength=height * (width + 1)).astype(np.uint8)
    odd = np.bitwise_xor.accumulate(crossings.reshape(height, width + 1)[:, :width] & 1, axis=1)
    inside: NDArray[np.bool_] = odd.view(np.bool_)
    return inside
