"""Choice of the frames of a video that a general model is shown."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

HOW = ("uniform", "stride", "first", "around")
STRIDE = 3


def choose(length: int, count: int, method: str, required: Collection[int] = ()) -> tuple[int, ...]:
    """`count` places of a video with `length` frames, in order, all of them where there are no more.

    `uniform` spreads them from the first frame to the last; `stride` takes every third, evenly thinned, as SAMA's
    sparse sample; `first` the first ones; `around` those next to the last of the places `required`. These are always
    among them: each takes the place of the nearest one that is not required, or comes on top where none is left.
    """
    if count >= length:
        return tuple(range(length))
    places = _places(length, count, method, max(required, default=0))
    for required_place in sorted(set(required) - set(places)):
        spare = [place for place in places if place not in required]
        if spare:
            places.remove(min(spare, key=lambda place: (abs(place - required_place), place)))
        places.append(required_place)
    return tuple(sorted(places))


def _places(length: int, count: int, method: str, middle: int) -> list[int]:
    """`count` places, fewer only where `stride` leaves fewer; `count` is smaller than `length`."""
    if method == "stride":
        all_places = list(range(0, length, STRIDE))
        return (
            [all_places[number * len(all_places) // count] for number in range(count)]
            if len(all_places) > count
            else all_places
        )
    if method == "uniform":
        return [int(place) for place in np.linspace(0, length - 1, num=count, dtype=int)]
    start = 0 if method == "first" else min(max(middle - count // 2, 0), length - count)
    return list(range(start, start + count))
