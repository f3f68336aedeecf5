"""Measures of one referent: its colour, and the place of its mask from frame to frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sama_bench.types import Mask

MOVED = 0.05
"""Share of the picture's side that counts as a movement."""
GROWN = 1.5
"""Ratio of areas that counts as coming closer, or its inverse as moving away."""
REMNANT = 0.3
"""Share of its largest area below which a mask at the edge that it moved to is the rest of one that left."""


class Place(NamedTuple):
    """A mask in one frame: its share of the picture, its centroid (x, y in 0…1) and the edges that it touches."""

    share: float
    x: float
    y: float
    edges: tuple[str, ...]


@dataclass(frozen=True)
class Observation:
    """A referent in words' reach. `share` is 0 where it is never visible; then all else is empty.

    `share`, `x`, `y` are those of the first visible frame; `dx`, `dy` are the movement from there to the last frame
    with a mask, 0 where too small to tell; `growth` is 1, 0 or -1; `leaves` is the edge at which it left,
    `lost` whether its mask vanished elsewhere; `wanders` whether it moved, but came back.
    """

    colour: str = ""
    share: float = 0.0
    x: float = 0.5
    y: float = 0.5
    dx: float = 0.0
    dy: float = 0.0
    growth: int = 0
    leaves: str = ""
    lost: bool = False
    wanders: bool = False


def place(mask: Mask) -> Place | None:
    """Measure an (H, W) bool mask; None where it is empty."""
    across, down = np.count_nonzero(mask, axis=0), np.count_nonzero(mask, axis=1)
    area = int(across.sum())
    if not area:
        return None
    height, width = mask.shape
    x = float(across @ (np.arange(width) + 0.5)) / area / width
    y = float(down @ (np.arange(height) + 0.5)) / area / height
    touched = {"left": across[0], "right": across[-1], "top": down[0], "bottom": down[-1]}
    return Place(area / mask.size, x, y, tuple(edge for edge, pixels in touched.items() if pixels))


def observe(colour: str, places: Sequence[Place | None]) -> Observation:
    """Sum up the places of one referent from its first visible frame on; Observation() where there are none."""
    visible = [place for place in places if place is not None]
    if not visible:
        return Observation()
    first, last = visible[0], visible[-1]
    dx, dy = _notable(last.x - first.x), _notable(last.y - first.y)
    is_lost = places[-1] is None
    leaves = _exit(last, dx, dy) if is_lost or last.share < REMNANT * max(place.share for place in visible) else ""
    return Observation(
        colour=colour,
        share=first.share,
        x=first.x,
        y=first.y,
        dx=dx,
        dy=dy,
        growth=_growth(visible),
        leaves=leaves,
        lost=is_lost and not leaves,
        wanders=max(np.hypot(place.x - first.x, place.y - first.y) for place in visible) > 2 * MOVED,
    )


def _notable(way: float) -> float:
    return way if abs(way) > MOVED else 0.0


def _exit(last: Place, dx: float, dy: float) -> str:
    """Tell the edge, of those that a mask touches, that lies furthest on its way; '' where none does."""
    ways = {"left": -dx, "right": dx, "top": -dy, "bottom": dy}
    return max((edge for edge in last.edges if ways[edge] > 0), key=lambda edge: ways[edge], default="")


def _growth(visible: Sequence[Place]) -> int:
    """Compare the first and last places that no edge cuts: cut off, a mask shrinks without moving away."""
    whole_shares = [place.share for place in visible if not place.edges]
    if len(whole_shares) < 2:
        return 0
    ratio = whole_shares[-1] / whole_shares[0]
    return int(ratio > GROWN) - int(ratio < 1 / GROWN)
