"""Choice of the frames that SAMA's language model sees, as its `predict_forward` does it."""

from __future__ import annotations

STRIDE, AT_LEAST, DENSE = 3, 8, 5


def sparse(length: int, at_most: int = 32) -> list[int]:
    """The sample of a video of `length` frames, in order: every third, thinned to `at_most`, filled up below eight."""
    places = list(range(0, length, STRIDE))
    if len(places) > at_most:
        places = [places[int(number * (len(places) / at_most))] for number in range(at_most)]
    short = AT_LEAST - len(places)
    if short > 0:
        step = length / (short + 1)
        places = sorted({*places, *(int((number + 1) * step) for number in range(short))})
    return places


def dense(sample: list[int]) -> list[int]:
    """The frames that are shown in full: the first five of the sample, all of a smaller one."""
    return sample[:DENSE]
