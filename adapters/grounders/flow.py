"""A box cut down to the object in it, which optical flow carries through the video; needs no weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from sama_bench.adapters.grounders.box import boxes_of, filled
from sama_bench.grounder import Grounder
from sama_bench.metrics.rle import encode
from sama_bench.types import RLE, Box, Masks, Point, Track, Video

if TYPE_CHECKING:
    from sama_bench.adapters.shared.optical_flow import Flow


class FlowGrounder(Grounder):
    """Follows the object in each box by optical flow, to both ends of the video or half way to its next box."""

    summary = "the object in each box, carried both ways by optical flow; no weights"

    def __init__(self) -> None:
        self._flow: Flow | None = None
        self._followed: dict[tuple[Box, range], list[RLE | None]] = {}

    def open(self, video: Video) -> None:
        """Prepare the flow of `video`; it is computed once, and only as far as boxes need it."""
        from sama_bench.adapters.shared.optical_flow import Flow

        self._flow = Flow(video)

    def tracks(self, video: Video, objects: Sequence[Sequence[Box | Point]]) -> list[Masks | Track]:
        """One track per object, an RLE or None for every frame; raises UserError where a frame cannot be read."""
        return [self._track(video, sorted(boxes_of(cues))) for cues in objects]

    def close(self) -> None:
        """Forget the flow of the video, and what was followed in it."""
        self._flow = None
        self._followed.clear()

    def _track(self, video: Video, boxes: Sequence[Box]) -> Track:
        track: list[RLE | None] = [None] * len(video)
        for box, reach in _reaches(boxes, len(video)):
            # two phrases, or two questions, often name one object by the same box
            if (box, reach) not in self._followed:
                self._followed[box, reach] = self._follow(video, box, reach)
            track[reach.start : reach.stop] = self._followed[box, reach]
        return track

    def _follow(self, video: Video, box: Box, reach: range) -> list[RLE | None]:
        """The masks of the frames of `reach`, in order."""
        from sama_bench.adapters.shared.cutout import cut_out
        from sama_bench.adapters.shared.propagate_mask import carry

        assert self._flow is not None, "tracks() before open()"
        mask = cut_out(video.frame(box.frame), filled(box, video.size))
        masks: list[RLE | None] = [None] * len(reach)
        for frames in (range(box.frame, reach.stop), range(box.frame, reach.start - 1, -1)):
            for index, carried in carry(mask, self._flow, frames):
                masks[index - reach.start] = encode(carried)
        return masks


def _reaches(boxes: Sequence[Box], length: int) -> Iterator[tuple[Box, range]]:
    """Each box, in the order of frames, with the frames that are nearer to it than to the object's other boxes."""
    begins = [0, *((box.frame + other.frame) // 2 + 1 for box, other in pairwise(boxes))]
    for box, begin, end in zip(boxes, begins, [*begins[1:], length], strict=False):
        yield box, range(begin, end)
