"""What is measured of an answer to an expression: one track against the true one, frame by frame."""

from __future__ import annotations

from collections.abc import Mapping

from sama_bench.metrics import boundary_f, jaccard, rle
from sama_bench.task import Answer
from sama_bench.types import Truth


def measure(truth: Truth, answer: Answer) -> Mapping[str, float]:
    """J and F as means over all frames, and pixels, of the first track of an answer; none is an empty one.

    A frame in which both masks are empty has J and F of 1. `true_pixels`, `predicted_pixels` and `frame_pixels` are
    sums over the frames. `first_frame_is_00000` is 1 where the released scorers find the file whose size they take.
    """
    video = answer.video
    nothing = [None] * len(video)
    true = rle.as_checked((truth.strict_tracks or (nothing,))[0])
    predicted = rle.as_checked((answer.tracks or (nothing,))[0])
    return {
        "J": float(jaccard(true, predicted, video.size).mean()),
        "F": float(boundary_f(true, predicted, video.size).mean()),
        "true_pixels": float(rle.frame_areas(true).sum()),
        "predicted_pixels": float(rle.frame_areas(predicted).sum()),
        "frame_pixels": float(len(video) * video.size[0] * video.size[1]),
        "first_frame_is_00000": float(any(frame.stem == "00000" for frame in video.frames)),
    }
