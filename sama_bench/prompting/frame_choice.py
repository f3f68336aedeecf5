"""Which frames of a video a general model is shown."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

HOW = ("uniform", "stride", "first", "around")
STRIDE = 3


def choose(length: int, count: int, how: str, wanted: Collection[int] = ()) -> tuple[int, ...]:
    """`count` places of a video with `length` frames, in order, all of them where there are no more.

    `uniform` spreads them from the first frame to the last; `stride` takes every third, evenly thinned, as SAMA's
    sparse sample; `first` the first ones; `around` those next to the last of the places `wanted`. These are always
    among them: each takes the place of the nearest one that is not wanted, or comes on top where none is left.
    """
    if count >= length:
        return tuple(range(length))
    places = _places(length, count, how, max(wanted, default=0))
    for one in sorted(set(wanted) - set(places)):
        spare = [place for place in places if place not in wanted]
        if spare:
            places.remove(min(spare, key=lambda place: (abs(place - one), place)))
        places.append(one)
    return tuple(sorted(places))


def _places(length: int, count: int, how: str, asked: int) -> list[int]:
    """`count` places, fewer only where `stride` leaves fewer; `count` is smaller than `length`."""
    if how == "stride":
        every = list(range(0, length, STRIDE))
        return [every[at * len(every) // count] for at in range(count)] if len(every) > count else every
    if how == "uniform":
        return [int(place) for place in np.linspace(0, length - 1, num=count, dtype=int)]
    begin = 0 if how == "first" else min(max(asked - count // 2, 0), length - count)
    return list(range(begin, begin + count))
