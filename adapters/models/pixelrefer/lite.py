"""PixelRefer-Lite, through its `mm_infer`: it sees regions and the pictures that they are in, and no video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import ClassVar

import numpy as np

from sama_bench.adapters.models.pixelrefer.model import URL, Model
from sama_bench.adapters.models.videorefer.v2 import RATE
from sama_bench.adapters.shared.checkout import Checkout
from sama_bench.adapters.shared.checkpoint import Loaded
from sama_bench.adapters.shared.first_visible import Seen
from sama_bench.adapters.shared.preflight import Ready
from sama_bench.adapters.shared.third_party_code import foreign
from sama_bench.types import Video

WORDS = "There is one object in the video: <region>.\nPlease describe in detail the marked object in the video."
"""What its authors ask of VideoRefer-Bench-D."""


class Lite(Model):
    """Sees a crop of the region, its surroundings and the picture that it is in, with the time of that frame.

    Its code takes a mask on any number of frames. It is given the first that shows the region: masks of later frames
    are the truth. Its own words ask for a description of one region. Of two regions on one frame its code would show
    the second one in the first one's surroundings; so nothing with two is asked.
    """

    model_type: ClassVar[str] = "pixelreferlite"
    repository: ClassVar[Checkout] = Checkout("PixelRefer", URL, ("pixelreferlite",), inside="PixelRefer")
    package: ClassVar[str] = "pixelreferlite"
    rates: ClassVar[Mapping[str, float]] = {}

    def __init__(self, ready: Ready, rate: float | None) -> None:
        """Load it; raises UserError where that fails. It has no rate of frames."""
        super().__init__(ready, rate)
        self.asking = {"variant": "lite", "words": "its own", "frames": "the region's"}

    @staticmethod
    def problems(device: str, dtype: str) -> list[str]:
        """The obstacles to running it so: FlashAttention, and a type of numbers that its code casts to."""
        wrong = dtype not in {"auto", "bfloat16"}
        told = [f"dtype={dtype}: PixelRefer-Lite's own code casts to bfloat16; leave it out"] if wrong else []
        return [*Model.problems(device, "auto"), *told]

    def answer(self, video: Video, _: Sequence[str], regions: Sequence[Seen], __: str) -> str:
        """The description of the one region; neither the words of the question nor its task decide what is asked."""
        import torch

        (region,) = regions
        frame = [video.frame(region.frame)]
        mask = torch.from_numpy(np.array([self._fit.fit(region.mask)], np.uint8))
        # Its region encoder draws the centres of its clusters by chance, so the same ones each time.
        with foreign(self._device), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            ask: Loaded = getattr(import_module(self.package), self.entry)
            return str(
                ask(
                    (frame, [region.frame / RATE], frame),
                    WORDS,
                    model=self._model,
                    tokenizer=self._tokenizer,
                    masks=mask,
                    mask_ids=[0],
                    mask_ids_raw=[[0]],
                )
            )
