"""A model without weights that looks: optical flow for the masks, measured words for the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sama_bench.adapter import Abilities, Adapter
from sama_bench.adapters.baselines.back_reference import referents
from sama_bench.metrics.rle import encode
from sama_bench.types import RLE, Mask, Prediction, Question, Region, Track, Video

if TYPE_CHECKING:
    from sama_bench.adapters.baselines.observation import Observation, Place
    from sama_bench.adapters.shared.optical_flow import Flow


class Followed(NamedTuple):
    """A region through the whole video, and what was seen of it."""

    track: Track
    seen: Observation


class Motion(Adapter):
    """Carries the region of the first frame where it is visible on to all others, and says what it saw.

    It looks at the video, but at no later frame of a region: those would be the truth leaking. A box (task G) is
    first cut down to the object in it. The flow is computed once per video, and a region followed once per video.
    Where a question without a region asks for a track it answers what moves most, whatever the question says. A
    question that refers back is answered with the regions of the last turn.
    """

    summary = "each region's first mask, or else what moves most, carried on by optical flow; tells what it saw"
    can = Abilities(history="regions")

    def __init__(self) -> None:
        self._flow: Flow | None = None
        self._followed: dict[tuple[int, str, bool], Followed] = {}
        self._found: Followed | None = None

    def open(self, video: Video) -> None:
        """Prepare the flow of `video`; it is computed as far as the questions need it."""
        from sama_bench.adapters.shared.optical_flow import Flow

        self._flow = Flow(video)

    def predict(self, question: Question) -> Prediction:
        """Answer with one [SEG] per region in task G, a description in task C, one [SEG] for an expression."""
        from sama_bench.adapters.baselines.wording import NO_REGION, described, grounded

        regions = referents(question)
        if not regions and question.expects == "track":
            mover = self._mover(question.video)
            return Prediction(grounded([mover.seen]), [mover.track])
        if not regions:
            return Prediction(NO_REGION)
        followed = [self._follow(question, region) for region in regions]
        if question.expects == "text":
            return Prediction(" ".join(described(observation_of_region.seen) for observation_of_region in followed))
        return Prediction(grounded([region.seen for region in followed]), [region.track for region in followed])

    def close(self) -> None:
        """Forget the video, its flow and its regions."""
        self._flow = self._found = None
        self._followed.clear()

    def _mover(self, video: Video) -> Followed:
        from sama_bench.adapters.baselines.mover import find_mover

        assert self._flow is not None, "predict() before open()"
        if self._found is None:
            frame, mask = find_mover(video, self._flow)
            self._found = self._carried(video, mask, frame, boxed=False)
        return self._found

    def _follow(self, question: Question, region: Region) -> Followed:
        from sama_bench.adapters.baselines.observation import Observation

        first = next(iter(region.visible), None)
        if first is None:
            return Followed([None] * len(region), Observation())
        mark = region.track[first]
        assert mark is not None
        boxed = question.expects != "text"
        key = first, mark["counts"], boxed
        if key not in self._followed:
            self._followed[key] = self._carried(question.video, region.mask(first), first, boxed)
        return self._followed[key]

    def _carried(self, video: Video, mask: Mask, first: int, boxed: bool) -> Followed:
        from sama_bench.adapters.baselines.colour import colour_name
        from sama_bench.adapters.baselines.observation import observe, place
        from sama_bench.adapters.shared.cutout import cut_out
        from sama_bench.adapters.shared.propagate_mask import carry

        assert self._flow is not None, "predict() before open()"
        frame = video.frame(first)
        mask = cut_out(frame, mask) if boxed else mask
        track: list[RLE | None] = [None] * len(video)
        places: list[Place | None] = []
        for index, carried in carry(mask, self._flow, range(first, len(video))):
            track[index] = encode(carried)
            places.append(place(carried))
        for index, carried in carry(mask, self._flow, range(first, -1, -1)):
            track[index] = encode(carried)
        return Followed(track, observe(colour_name(frame, mask), places))
