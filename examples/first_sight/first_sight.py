"""A model that looks once: each region stays the ellipse in the box in which it is first seen."""

import numpy as np

from sama_bench.adapter import Adapter
from sama_bench.types import Masks, Prediction, Question, Region


class FirstSight(Adapter):
    """Answers with one ellipse for each region, and with the half of the frame that it lies in.

    Args:
        size: How large the ellipse is: 1 fills the box.
    """

    summary = "the ellipse in each region's first box, on every frame"

    def __init__(self, size: float = 1.0) -> None:  # --model-arg size=0.9 comes as a number
        self.size = size
        if not 0 < self.size <= 1:
            raise ValueError("size is a number above 0 and up to 1")

    def predict(self, question: Question) -> Prediction:
        """Answer with one [SEG], and one track, for each region."""
        tracks = [self._ellipse(region) for region in question.regions]
        things = [f"the thing in the {_half(track)} half" for track in tracks]
        if question.key.task == "c" or not things:
            return Prediction(f"There is {' and '.join(things) or 'nothing that is marked'}.")
        return Prediction(" ".join(f"<p>{thing}</p> [SEG] is there." for thing in things), tracks)

    def _ellipse(self, region: Region) -> Masks:
        mask = region.mask(next(iter(region.visible), 0))
        track = np.zeros((len(region), *mask.shape), bool)
        if mask.any():
            (top, left), (bottom, right) = np.argwhere(mask).min(0), np.argwhere(mask).max(0) + 1
            y, x = np.ogrid[: mask.shape[0], : mask.shape[1]]
            y, x = (2 * y + 1 - top - bottom) / (bottom - top), (2 * x + 1 - left - right) / (right - left)
            track[:] = y**2 + x**2 <= self.size**2
        return track


def _half(track: Masks) -> str:
    middle = track.shape[2] // 2
    return "left" if track[:, :, :middle].sum() >= track[:, :, middle:].sum() else "right"
