"""The compressed string of an RLE, read as numbers and checked: many strings in one pass.

A run is a little-endian number of 5-bit digits, each a character from '0' (48) on; 32 marks that more
digits follow, and the top bit of the last digit is the sign. From the fourth run on, the number is the
difference to the run two before (cocoapi, `rleToString`). pycocotools reads whatever it is given, beyond
the end of a string too, so nothing reaches it that was not read here first.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

MAX_DIGITS = 6
"""Digits of the largest number that a mask of 2**28 pixels can need."""


class RLEError(ValueError):
    """Something is not a valid mask; the message says why."""


class Parsed(NamedTuple):
    """Runs of several strings, end to end.

    `starts[i]` is where string i's first run lies in `runs`; `shortest` says that no number is spelled
    with more digits than it needs. Runs may be negative or sum to anything: that is the caller's to check.
    """

    runs: Ints
    starts: Ints
    shortest: bool


def parse(texts: Sequence[bytes]) -> Parsed:
    """Read one or more strings, none of them empty.

    Raises RLEError where a character is not a digit, a number has more than 6 digits, or a string ends
    within a number.
    """
    digits = np.frombuffer(b"".join(texts), np.uint8) - np.uint8(48)
    ends = np.cumsum([len(text) for text in texts])
    if digits.max() > 63:
        raise RLEError("counts of a mask hold a character that run lengths do not use")
    if digits[ends - 1].max() > 31:
        raise RLEError("counts of a mask are cut off in the middle of a number")
    last = np.flatnonzero(digits < 32)
    starts = np.zeros(len(texts), np.int64)
    starts[1:] = np.searchsorted(last, ends[:-1])
    numbers, shortest = _numbers(digits, last)
    return Parsed(_undo_differences(numbers, starts), starts, shortest)


def _numbers(digits: NDArray[np.uint8], last: Ints) -> tuple[Ints, bool]:
    """Return the signed numbers whose last digits are at `last`, and whether none has a digit too many."""
    further = np.diff(last, prepend=-1) - 1
    longest = int(further.max())
    if longest >= MAX_DIGITS:
        raise RLEError(f"counts of a mask hold a number of more than {MAX_DIGITS} digits")
    numbers = (digits[last] ^ np.uint8(16)).astype(np.int64) - 16
    shortest = True
    for place in range(1, longest + 1):
        long = np.flatnonzero(further >= place)
        lower = (digits[last[long] - place] & np.uint8(31)).astype(np.int64)
        higher = numbers[long]
        if place == 1:
            shortest = not np.any(higher == -(lower >> 4))
        numbers[long] = (higher << 5) | lower
    return numbers, shortest


def _undo_differences(numbers: Ints, starts: Ints) -> Ints:
    """Turn the strings' numbers into runs, in place: sums over every other number of each string."""
    bounds = [*starts.tolist(), numbers.size]
    for begin, end in pairwise(bounds):
        for first in (begin + 1, begin + 2):
            every_other = numbers[first:end:2]
            every_other.cumsum(out=every_other)
    return numbers
