"""VideoRefer-VideoLLaMA3, through its `get_model_output`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, ClassVar

import numpy as np

from sama_bench.adapter import HistoryAbility
from sama_bench.adapters.models.videorefer.v1 import URL
from sama_bench.adapters.shared import flash_attention, vision_tower
from sama_bench.adapters.shared.checkout import Checkout
from sama_bench.adapters.shared.first_visible import Seen
from sama_bench.adapters.shared.preflight import Ready
from sama_bench.adapters.shared.rotary import frequencies_kept
from sama_bench.adapters.shared.third_party_code import foreign, loading
from sama_bench.types import Video

RATE, MOST = 3, 768
"""A folder of frames counts as 3 frames a second, and never more than 768 of them are taken."""
RATES = {"c": 4.0, "g": 1.0}
"""At how many frames a second its authors evaluate: descriptions (VideoRefer-Bench-D), questions (-Bench-Q)."""


class Second:
    """Sees the frames of the video that its loader takes at a rate, and the frames that carry masks."""

    number: ClassVar[str] = "2"
    model_type: ClassVar[str] = "videollama3"
    region: ClassVar[str] = "<region>"
    dtype: ClassVar[str] = ""
    repository: ClassVar[Checkout] = Checkout("VideoRefer", URL, ("videorefer_videollama3",))
    history: ClassVar[HistoryAbility] = "none"
    """Its code makes the role of every message `user`: what the model said would come back as what it is asked."""

    def __init__(self, ready: Ready, rate: float | None) -> None:
        """Load it; raises UserError where that fails. `rate` is in frames a second; None takes each task's of RATES."""
        import torch

        dtype = getattr(torch, ready.dtype)
        self._device = ready.device
        self._rates = {task: rate or usual_rate for task, usual_rate in RATES.items()}
        usual_rates = ", ".join(f"{frames:g} in {task}" for task, frames in RATES.items())
        self.asking = {"fps": f"{rate:g}" if rate else usual_rates}
        with loading(ready.source, ready.device):
            model, _, self._tokenizer = import_module("videorefer_videollama3").model_init(
                ready.source,
                device_map={"": ready.device},
                attn_implementation="flash_attention_2",
            )
            # The loader takes the config's type whatever it is told, and inputs are cast to what the config says.
            with frequencies_kept(model):
                self._model = model.to(dtype)
            self._model.config.torch_dtype = dtype
        self._frames: dict[int, Any] = {}

    @staticmethod
    def problems(device: str, dtype: str) -> list[str]:
        """The obstacles to running it so: its vision encoder's attention is FlashAttention's.

        Its code has two other kinds, and neither runs: they use names that nothing defines.
        """
        return flash_attention.problems(device, dtype, "the vision encoder of VideoRefer-VideoLLaMA3")

    @staticmethod
    def tower_problems(config: dict[str, Any]) -> list[str]:
        """The problems of the vision encoder that the checkpoint's config names; [] if nothing."""
        return vision_tower.problems(config, ("mm_vision_encoder", "vision_encoder"))

    def open(self, _: Video) -> None:
        """Begin a video, of which frames are decoded when a question needs them."""
        self._frames = {}

    def answer(self, video: Video, texts: Sequence[str], regions: Sequence[Seen], task: str) -> str:
        """The answer to the one text, which has `region` for each of `regions`; `task` decides how many frames it sees.

        It takes no earlier turns.
        """
        import torch

        (text,) = texts
        frame_places = places(len(video), self._rates.get(task, self._rates["g"]))
        for place in frame_places:
            if place not in self._frames:
                self._frames[place] = video.frame(place)
        carriers = sorted({region.frame for region in regions})
        masks = np.array([region.mask for region in regions], np.uint8).reshape(-1, *video.size)
        # Its region encoder draws the centres of its clusters by chance, so the same ones each time.
        with foreign(self._device), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return str(
                import_module("videorefer_videollama3").get_model_output(
                    (
                        [self._frames[place] for place in frame_places],
                        [place / RATE for place in frame_places],
                        [video.frame(frame) for frame in carriers],
                    ),
                    f"<video>\n{text}",
                    model=self._model,
                    tokenizer=self._tokenizer,
                    # Without regions an empty tensor, as None makes its code fail.
                    masks=torch.from_numpy(masks),
                    mask_ids=[carriers.index(region.frame) for region in regions],
                    modal="video",
                )
            )

    def close(self) -> None:
        """Let go of the video."""
        self._frames = {}


def places(length: int, rate: float) -> list[int]:
    """The frames that are seen of a video with `length` frames: what its loader takes of a folder at `rate` a second.

    It steps by whole frames, so rates above 1.5 take all of them (at most MOST, evenly spread).
    """
    step = min(RATE // rate, length)
    if length / RATE >= MOST or step < 1:
        return [int(place) for place in np.linspace(0, length - 1, min(MOST, length), dtype=int)]
    return [int(place) for place in np.arange(step // 2, length, step, dtype=int)]
