"""Whether two answers are the same, as far as floating point numbers allow."""

from __future__ import annotations

from typing import Final

from sama_bench.metrics.iou import volume_iou
from sama_bench.run.predictions import KeptTrack, StoredPrediction

ROUNDING: Final = 0.001
"""The share of a track's union that may differ where a model computes the same in another order.

SAMA's checkpoint of random weights, asked alone and in a batch of four on a CPU in float32, differed in hidden states
by 7e-7, in no word, and in 2 of 2,500,000 pixels of a track.
"""


def same(answer: StoredPrediction, other: StoredPrediction) -> bool:
    """Whether two answers are equal in text, tracks, boxes and error, to the last pixel."""
    return _without_tracks(answer) == _without_tracks(other) and answer.tracks == other.tracks


def same_but_for_rounding(answer: StoredPrediction, other: StoredPrediction) -> bool:
    """Whether two answers are equal in text, boxes, error, and in their tracks but for 0.1 % of the union's pixels."""
    if _without_tracks(answer) != _without_tracks(other) or len(answer.tracks) != len(other.tracks):
        return False
    return all(map(_nearly, answer.tracks, other.tracks))


def _without_tracks(answer: StoredPrediction) -> tuple[object, ...]:
    return answer.text, answer.error, answer.boxes


def _nearly(track: KeptTrack, other: KeptTrack) -> bool:
    return track == other or (len(track) == len(other) and volume_iou(track, other) >= 1 - ROUNDING)
