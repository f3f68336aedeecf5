"""Facts about a question, whatever was answered, from its truth."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from sama_bench.metrics import rle
from sama_bench.statistics import Facts, Visibility
from sama_bench.types import Truth

if TYPE_CHECKING:
    from sama_bench.types import Video


def facts_of(truth: Truth, video: Video) -> Facts:
    """The facts of one question, from its truth."""
    tracks = truth.referents or truth.strict_tracks  # a description's truth has referents, another's has tracks
    areas = [rle.areas(track) for track in tracks]
    visible_areas = [track_areas for track_areas in areas if any(track_areas)]
    pixels = video.size[0] * video.size[1]
    shares = [sum(track_areas) / sum(map(bool, track_areas)) / pixels for track_areas in visible_areas]
    share = sum(shares) / len(shares) if shares else None
    return Facts(
        video.id, video.source, len(video.frames), len(tracks), share, _visibility(visible_areas), truth.labels
    )


def _visibility(areas: Sequence[Sequence[int]]) -> Visibility | None:
    if not areas:
        return None
    if any(_appearances(track_areas) > 1 for track_areas in areas):
        return "returns"
    return "always" if all(map(all, areas)) else "partly"


def _appearances(areas: Sequence[int]) -> int:
    """The number of times that the object comes into view, the first included."""
    return sum(visible for visible, _ in groupby(map(bool, areas)))
