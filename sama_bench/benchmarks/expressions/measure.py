"""What is measured of an answer to an expression: one track against the true one, frame by frame."""

from __future__ import annotations

from collections.abc import Mapping

from sama_bench.benchmarks.expressions.overlap import area, first_overlap, first_track, true_track
from sama_bench.benchmarks.expressions.points import measure_points
from sama_bench.benchmarks.expressions.results_form import measures_by_place
from sama_bench.task import Answer
from sama_bench.types import Truth


def measure(truth: Truth, answer: Answer) -> Mapping[str, float]:
    """J and F as means over all frames, and pixels, of the first track of an answer; none is an empty one.

    A frame in which both masks are empty has J and F of 1. `true_pixels`, `predicted_pixels` and `frame_pixels` are
    sums over the frames. `first_frame_is_00000` is 1 where the released scorers find the file whose size they take.
    Where the data list frames in another order than that of their names, `measures_by_place` are among them, and of an
    answer that is points those of `measure_points`.
    """
    video = answer.video
    true, predicted = true_track(truth, len(video)), first_track(answer)
    j, f = first_overlap(truth, answer)
    return {
        "J": j,
        "F": f,
        "true_pixels": float(area(true)),
        "predicted_pixels": float(area(predicted)),
        "frame_pixels": float(len(video) * video.size[0] * video.size[1]),
        "first_frame_is_00000": float(any(frame.stem == "00000" for frame in video.frames)),
        **measures_by_place(truth, answer),
        **measure_points(truth, answer),
    }
