"""The lower end: a model that thinks that nothing ever moves."""

from __future__ import annotations

from sama_bench.adapter import Abilities, Adapter
from sama_bench.adapters.baselines.back_reference import referents
from sama_bench.adapters.baselines.centre import centre_box
from sama_bench.adapters.baselines.wording import NO_REGION, numbered
from sama_bench.metrics.rle import encode
from sama_bench.types import Prediction, Question, Region, Track


class Still(Adapter):
    """Repeats each region as it is on the first frame where it is visible, on all frames.

    It looks at no pixel of the video and at no later frame of a region: those would be the truth leaking. Where a
    question without a region asks for a track it answers the middle of the picture. A question that refers back is
    answered with the regions of the last turn.
    """

    summary = "each region's first mask, or else the picture's middle, on every frame; looks at no pixel"
    can = Abilities(history="regions")

    def predict(self, question: Question) -> Prediction:
        """Answer with one [SEG] per region in task G, with a sentence in task C, with one [SEG] for an expression."""
        regions = referents(question)
        if not regions and question.expects == "track":
            middle = encode(centre_box(question.video.size))
            return Prediction("<p>The middle of the picture</p> [SEG].", [[middle] * len(question.video)])
        if not regions:
            return Prediction(NO_REGION)
        if question.expects == "text":
            return Prediction("An object that stays where it is.")
        names = numbered(["object"] * len(regions))
        text = " ".join(f"<p>{name}</p> [SEG] stays where it is." for name in names)
        return Prediction(text, [repeated(region) for region in regions])


def repeated(region: Region) -> Track:
    """Repeat the region's first visible mask on all its frames; None on all where it is never visible."""
    first = next(iter(region.visible), None)
    return [None if first is None else region.track[first]] * len(region)
