"""From truth and answer to what is kept of a question: the comparison of its tracks."""

from __future__ import annotations

from collections.abc import Sequence

from sama_bench.metrics import boundary_f, jaccard
from sama_bench.metrics import grounding_marks as marks
from sama_bench.metrics.iou import volume_iou_matrix
from sama_bench.metrics.matching import best_assignment
from sama_bench.metrics.rle import as_checked
from sama_bench.run.predictions import StoredPrediction
from sama_bench.statistics import Floats, Grounding, Pair, State
from sama_bench.types import Track, Truth


def state_of(answer: StoredPrediction | None) -> State:
    """Whether a question was answered."""
    if answer is None:
        return "missing"
    return "answered" if answer.error is None else "error"


def grounding_of(truth: Truth, answer: StoredPrediction | None, size: tuple[int, int]) -> Grounding:
    """Compare the tracks of an answer with the true ones, all with masks of `size` (H, W) and of one length.

    No answer, or an error, counts as an empty text without tracks.
    """
    answered = answer if answer is not None and answer.error is None else StoredPrediction("")
    truths, true_text = truth.strict_tracks, marks.modern(truth.text)
    tracks = [as_checked(track) for track in answered.tracks]
    ious = volume_iou_matrix(tracks, truths)
    return Grounding(
        true=len(truths),
        predicted=len(answered.tracks),
        ious=ious.tolist(),
        repeats=_repeats(truth.tracks),
        true_phrases=marks.phrases(true_text),
        predicted_phrases=marks.phrases(answered.text),
        true_groundings=_exactly(len(truths), marks.groundings(true_text)),
        predicted_groundings=_exactly(len(answered.tracks), marks.groundings(answered.text)),
        pairs=_pairs(truths, tracks, ious, size),
    )


def _repeats(tracks: Sequence[Track | None]) -> list[int]:
    """The listed track that stands in each place of the paper protocol: an empty group repeats the one before it."""
    places: list[int] = []
    listed = -1
    for track in tracks:
        listed += track is not None
        if listed >= 0:
            places.append(listed)
    return places


def _exactly(length: int, phrases: list[str]) -> list[str]:
    return (phrases + [""] * length)[:length]


def _pairs(truths: Sequence[Track], tracks: Sequence[Track], ious: Floats, size: tuple[int, int]) -> list[Pair]:
    return [_pair(p, tracks[p], t, truths[t], size) for p, t in best_assignment(ious)]


def _pair(p: int, predicted: Track, t: int, true: Track, size: tuple[int, int]) -> Pair:
    j, f = jaccard(true, predicted, size), boundary_f(true, predicted, size)
    return Pair(int(p), int(t), float(j.mean()), float(f.mean()))
