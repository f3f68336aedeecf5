"""VideoRefer-VideoLLaMA3, through its `get_model_output`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar

import numpy as np

from sama_bench.adapters.checkout import Checkout
from sama_bench.adapters.foreign import foreign, loading
from sama_bench.adapters.preflight import Ready
from sama_bench.adapters.seen_first import Seen
from sama_bench.adapters.videorefer.first import URL
from sama_bench.types import Video

RATE, MOST = 3, 768
"""A folder of frames counts as 3 frames a second, of which one is taken, and never more than 768."""


class Second:
    """Sees every third frame of the video, and the frames that carry masks."""

    number: ClassVar[str] = "2"
    model_type: ClassVar[str] = "videollama3"
    region: ClassVar[str] = "<region>"
    dtype: ClassVar[str] = ""
    repository: ClassVar[Checkout] = Checkout("VideoRefer", URL, ("videorefer_videollama3",))

    def __init__(self, ready: Ready) -> None:
        """Load it; raises UserError where that fails."""
        import torch

        dtype = getattr(torch, ready.dtype)
        fast = ready.device.startswith("cuda") and find_spec("flash_attn") is not None
        self._device = ready.device
        with loading(ready.source, ready.device):
            model, _, self._tokenizer = import_module("videorefer_videollama3").model_init(
                ready.source,
                device_map={"": ready.device},
                attn_implementation="flash_attention_2" if fast else "sdpa",
            )
            # The loader takes the config's type whatever it is told, and inputs are cast to what the config says.
            self._model = model.to(dtype)
            self._model.config.torch_dtype = dtype
        self._frames: list[Any] = []
        self._times: list[float] = []

    def open(self, video: Video) -> None:
        """Take the frames that it sees."""
        seen = places(len(video))
        self._frames = [video.frame(place) for place in seen]
        self._times = [place / RATE for place in seen]

    def answer(self, video: Video, text: str, regions: Sequence[Seen]) -> str:
        """What it says to `text`, which has `region` for each of `regions`."""
        import torch

        carriers = sorted({one.frame for one in regions})
        masks = np.array([one.mask for one in regions], np.uint8).reshape(-1, *video.size)
        # Its region encoder draws the centres of its clusters by chance, so the same ones each time.
        with foreign(self._device), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return str(
                import_module("videorefer_videollama3").get_model_output(
                    (list(self._frames), self._times, [video.frame(frame) for frame in carriers]),
                    f"<video>\n{text}",
                    model=self._model,
                    tokenizer=self._tokenizer,
                    # Without regions an empty tensor, as None makes its code fail.
                    masks=torch.from_numpy(masks),
                    mask_ids=[carriers.index(one.frame) for one in regions],
                    modal="video",
                )
            )

    def close(self) -> None:
        """Let go of the video."""
        self._frames, self._times = [], []


def places(length: int) -> list[int]:
    """The frames that are seen of a video with `length` frames: what its loader takes of a folder at one a second."""
    if length / RATE >= MOST:
        return [int(place) for place in np.linspace(0, length - 1, MOST, dtype=int)]
    step = min(RATE, length)
    return list(range(step // 2, length, step))
