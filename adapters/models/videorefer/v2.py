"""VideoRefer-VideoLLaMA3, through its `get_model_output`, and what PixelRefer has of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar

import numpy as np

from sama_bench.adapter import HistoryAbility
from sama_bench.adapters.models.videorefer.v1 import URL
from sama_bench.adapters.shared import flash_attention, vision_tower
from sama_bench.adapters.shared.checkout import Checkout
from sama_bench.adapters.shared.first_visible import Seen
from sama_bench.adapters.shared.preflight import Ready
from sama_bench.adapters.shared.region_fit import RegionFit
from sama_bench.adapters.shared.rotary import frequencies_kept
from sama_bench.adapters.shared.third_party_code import foreign, loading
from sama_bench.errors import UserError
from sama_bench.types import Video

RATE, MOST, TOKENS = 3, 768, 10
"""A folder of frames counts as 3 frames a second, and never more than 768 of them are taken; a region has 10 tokens
at most."""
RATES = {"c": 4.0, "g": 1.0}
"""At how many frames a second its authors evaluate: descriptions (VideoRefer-Bench-D), questions (-Bench-Q)."""


def check_rate(fps: float | None) -> None:
    """Raise UserError unless it is a number of frames a second, or None for the usual ones."""
    if fps is not None and not 0 < fps < 10**6:
        raise UserError(f"fps={fps:g}: expected a number above 0")


class Second:
    """Loads the package, asks it, and keeps the frames of a video; a subclass is another package of the same build.

    It sees the frames of the video that its loader takes at a rate, and the frames that carry masks.
    """

    number: ClassVar[str] = "2"
    model_type: ClassVar[str] = "videollama3"
    region: ClassVar[str] = "<region>"
    dtype: ClassVar[str] = ""
    repository: ClassVar[Checkout] = Checkout("VideoRefer", URL, ("videorefer_videollama3",))
    history: ClassVar[HistoryAbility] = "none"
    """Its code makes the role of every message `user`: what the model said would come back as what it is asked."""
    package: ClassVar[str] = "videorefer_videollama3"
    entry: ClassVar[str] = "get_model_output"
    rates: ClassVar[Mapping[str, float]] = RATES
    video_last: ClassVar[frozenset[str]] = frozenset({"c"})
    """The tasks in which the video comes after the words, as its authors ask for descriptions."""

    def __init__(self, ready: Ready, rate: float | None) -> None:
        """Load it; raises UserError where that fails. `rate` is in frames a second; None takes each task's of RATES."""
        import torch

        dtype = getattr(torch, ready.dtype)
        self._device = ready.device
        self._rates = {task: rate or usual_rate for task, usual_rate in self.rates.items()}
        usual_rates = ", ".join(f"{frames:g} in {task}" for task, frames in self.rates.items())
        self.asking = {"fps": f"{rate:g}" if rate else usual_rates, "video": "after the words in c"}
        if not self.video_last:
            del self.asking["video"]
        with loading(ready.source, ready.device):
            model, _, self._tokenizer = import_module(self.package).model_init(
                ready.source,
                device_map={"": ready.device},
                attn_implementation="flash_attention_2",
            )
            # Its processor takes this out of what the tokenizer was saved with, and raises where it is not there.
            self._tokenizer.init_kwargs.setdefault("padding_side", self._tokenizer.padding_side)
            # The loader takes the config's type whatever it is told, and inputs are cast to what the config says.
            with frequencies_kept(model):
                self._model = model.to(dtype)
            self._model.config.torch_dtype = dtype
        self._frames: dict[int, Any] = {}
        self._fit = RegionFit(self._tokens())

    def _tokens(self) -> int:
        """The most tokens of a region."""
        return TOKENS

    def notes(self) -> list[str]:
        """What was changed of masks that the model could not see, where any was."""
        return self._fit.notes()

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
        masks = np.array([self._fit.fit(region.mask) for region in regions], np.uint8).reshape(-1, *video.size)
        # Its region encoder draws the centres of its clusters by chance, so the same ones each time.
        with foreign(self._device), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return str(
                getattr(import_module(self.package), self.entry)(
                    (
                        [self._frames[place] for place in frame_places],
                        [place / RATE for place in frame_places],
                        [video.frame(frame) for frame in carriers],
                    ),
                    f"{text}\n<video>" if task in self.video_last else f"<video>\n{text}",
                    model=self._model,
                    tokenizer=self._tokenizer,
                    masks=self._masks(torch.from_numpy(masks)),
                    mask_ids=[carriers.index(region.frame) for region in regions],
                    modal="video",
                )
            )

    def _masks(self, masks: Any) -> Any:  # noqa: ANN401 - tensors of PyTorch
        """The masks as its code takes them: without regions an empty tensor, as None makes it fail."""
        return masks

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
