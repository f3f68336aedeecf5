"""What a question is about, whatever was answered: by these facts scores are broken down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal, TypeAlias

from sama_bench.metrics import rle
from sama_bench.types import Truth

if TYPE_CHECKING:
    from sama_bench.types import Video

# Whether the objects are seen in all frames; else whether one of them leaves and returns.
Visibility: TypeAlias = Literal["always", "partly", "returns"]


@dataclass(frozen=True)
class Facts:
    """A question's video, its source data set and number of frames, and the objects that the question is about.

    Those are the true objects in task G, the described one in task C. `share` is how much of the frame they cover, in
    0…1: the mean over the frames in which an object is seen, then over the objects; None, as `visibility`, where none
    is seen anywhere.
    """

    video: str
    source: str
    frames: int
    objects: int
    share: float | None
    visibility: Visibility | None


def facts_of(truth: Truth, video: Video) -> Facts:
    """The facts of one question, from its truth."""
    tracks = truth.referents if truth.key.task == "c" else truth.strict_tracks
    areas = [rle.areas(track) for track in tracks]
    seen = [one for one in areas if any(one)]
    pixels = video.size[0] * video.size[1]
    shares = [sum(one) / sum(map(bool, one)) / pixels for one in seen]
    share = sum(shares) / len(shares) if shares else None
    return Facts(video.id, video.source, len(video.frames), len(tracks), share, _visibility(seen))


def _visibility(areas: Sequence[Sequence[int]]) -> Visibility | None:
    if not areas:
        return None
    if any(_appearances(one) > 1 for one in areas):
        return "returns"
    return "always" if all(map(all, areas)) else "partly"


def _appearances(areas: Sequence[int]) -> int:
    """How often the object comes into view, the first time included."""
    return sum(seen for seen, _ in groupby(map(bool, areas)))
