"""What is measured of Ref-DAVIS17's expressions: each by itself, and the objects of one annotator beside each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from sama_bench.benchmarks.expressions.overlap import area, first_overlap, first_track, overlap, true_track, without
from sama_bench.benchmarks.expressions.points import measure_points
from sama_bench.benchmarks.expressions.results_form import measures_by_place
from sama_bench.metrics import boundary_f, jaccard, rle
from sama_bench.metrics.rle import Checked, Track
from sama_bench.task import Answer
from sama_bench.types import Truth

AnsweredTruths: TypeAlias = Sequence[tuple[Truth, Answer]]


def measure(truth: Truth, answer: Answer) -> Mapping[str, float]:
    """J and F of an expression, with void as background and without it; which of both tracks have a pixel."""
    size = answer.video.size
    true, predicted = true_track(truth, len(answer.video)), first_track(answer)
    j, f = first_overlap(truth, answer)
    values = {"J": j, "F": f, "present": float(area(true) > 0), "said": float(area(predicted) > 0)}
    values |= {**measures_by_place(truth, answer), **measure_points(truth, answer)}
    if all(frame.stem != "00000" for frame in answer.video.frames):
        values["first_frame_is_00000"] = 0.0
    void = truth.more["void"]
    if void is not None:
        if area(void):
            j, f = overlap(without(true, void, size), without(predicted, void, size), size)
        values |= {"J_without_void": j, "F_without_void": f}
    return values


def measure_annotators(answers: AnsweredTruths) -> Sequence[Mapping[str, float]]:
    """J and F of each object of its annotator's label image, as davis2017 has them.

    `_annotator` are those of its task `unsupervised`: void left out, and the predictions re-assigned to the objects;
    `_semi` those of `semi-supervised`: neither, and without the first and last frame. Between the plain ones and the
    first lie `_merged` and `_merged_without_void`, in which objects are laid into one image, and no more. Nothing where
    the label images are not there, and for an object that the first frame does not have: davis2017 takes the number of
    objects from that.
    """
    groups: dict[int, list[int]] = defaultdict(list)
    for place, (truth, _) in enumerate(answers):
        groups[truth.more["annotator"]].append(place)
    by_place: list[Mapping[str, float]] = [{} for _ in answers]
    for places in groups.values():
        for place, measures in zip(places, _annotator([answers[place] for place in places]), strict=True):
            by_place[place] = measures
    return by_place


def _annotator(answers: AnsweredTruths) -> list[Mapping[str, float]]:
    video, void = answers[0][1].video, answers[0][0].more["void"]
    if void is None:
        return [{} for _ in answers]
    by_object = {truth.more["object"]: place for place, (truth, _) in enumerate(answers)}
    order = [by_object[number] for number in sorted(by_object)]
    trues = {place: true_track(answers[place][0], len(video)) for place in order}
    last = max((rank for rank, place in enumerate(order) if trues[place][0] is not None), default=-1)
    counted = order[: last + 1]
    predicted = merged([first_track(answers[place][1]) for place in order], video.size)
    pairs = _assigned([trues[place] for place in counted], predicted, void, video.size)
    values: list[Mapping[str, float]] = [{} for _ in answers]
    for place, track, pair in zip(counted, predicted, pairs, strict=False):
        values[place] = _merged_measures(trues[place], track, video.size) | pair
    return values


def _merged_measures(true: Track, predicted: Track, size: tuple[int, int]) -> dict[str, float]:
    """J and F over all frames, and over all but the first and the last, where there are others."""
    by_frame = {"J": jaccard(true, predicted, size), "F": boundary_f(true, predicted, size)}
    means = {f"{name}_merged": float(values.mean()) for name, values in by_frame.items()}
    if len(true) > 2:
        means |= {f"{name}_semi": float(values[1:-1].mean()) for name, values in by_frame.items()}
    return means


def merged(tracks: Sequence[Track], size: tuple[int, int]) -> list[Checked]:
    """The tracks laid into one image of labels: a pixel that several have goes to the first of them."""
    covered = [np.zeros(size, bool) for _ in tracks[0]]
    merged_tracks = []
    for track in tracks:
        masks = []
        for frame, mask in enumerate(track):
            pixels = rle.decode(mask, size)
            masks.append(rle.encode(pixels & ~covered[frame]))
            covered[frame] |= pixels
        merged_tracks.append(Checked(masks))
    return merged_tracks


def _assigned(
    trues: Sequence[Track], predicted: Sequence[Track], void: Track, size: tuple[int, int]
) -> list[dict[str, float]]:
    """J and F of predicted tracks, void left out, as many as there are true ones, in order.

    Of each with its own true one, and, in the order of those that got any, with the one that the best sum of J&F gives.
    """
    trues, predicted = ([without(track, void, size) for track in tracks] for tracks in (trues, predicted))
    values = np.array([[overlap(true, track, size) for true in trues] for track in predicted])
    values = values.reshape(len(predicted), len(trues), 2)
    from scipy.optimize import linear_sum_assignment  # late: it takes most of a second

    rows, columns = linear_sum_assignment(values.mean(axis=2), maximize=True)
    return [
        {
            f"{name}_{kind}": float(values[pair][place])
            for kind, pair in (("merged_without_void", (truth, truth)), ("annotator", (rows[truth], columns[truth])))
            for place, name in enumerate("JF")
        }
        for truth in range(len(trues))
    ]
