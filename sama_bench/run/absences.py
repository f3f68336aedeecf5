"""Tracks without what lies on frames where a model said that its object is not to be seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sama_bench.types import Absence, Cue, Masks, Track


def absent_frames(cues: Sequence[Cue], length: int) -> list[int]:
    """The frames of a video with `length` frames that are nearer to an absence among `cues` than to anything else.

    Of two cues that are as near the earlier one decides. [] where there is no absence.
    """
    if not any(isinstance(cue, Absence) for cue in cues):
        return []
    ordered = sorted(cues, key=lambda cue: cue.frame)
    places = np.array([cue.frame for cue in ordered])
    nearest = np.abs(np.arange(length)[:, None] - places).argmin(axis=1)
    return [frame for frame, which in enumerate(nearest) if isinstance(ordered[which], Absence)]


def without_absences(track: Masks | Track, cues: Sequence[Cue]) -> Masks | Track:
    """The track with nothing on the frames where its object was said to be absent."""
    frames = absent_frames(cues, len(track))
    if not frames:
        return track
    if isinstance(track, np.ndarray):
        masks: Masks = track.copy()
        masks[frames] = False
        return masks
    left = list(track)
    for frame in frames:
        left[frame] = None
    return left
