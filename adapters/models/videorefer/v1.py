"""VideoRefer-7B, through its `mm_infer`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, ClassVar

import numpy as np

from sama_bench.adapter import HistoryAbility
from sama_bench.adapters.shared import vision_tower
from sama_bench.adapters.shared.checkout import Checkout
from sama_bench.adapters.shared.first_visible import Seen
from sama_bench.adapters.shared.preflight import Ready
from sama_bench.adapters.shared.rotary import frequencies_kept
from sama_bench.adapters.shared.third_party_code import foreign, loading
from sama_bench.types import Video

URL = "https://github.com/DAMO-NLP-SG/VideoRefer"
FRAMES = 8


class First:
    """Sees 8 frames, the middles of as many equal parts of the video, and the frames that carry masks, in float16."""

    number: ClassVar[str] = "1"
    model_type: ClassVar[str] = "videorefer"
    region: ClassVar[str] = "[<region>]"
    dtype: ClassVar[str] = "float16"
    """The only one that its code runs in, as it casts to it; '' where any will do."""
    repository: ClassVar[Checkout] = Checkout("VideoRefer", URL, ("videorefer", "videorefer.mm_utils"))
    history: ClassVar[HistoryAbility] = "regions"
    """Its code takes a list of messages in place of a text, and leaves their roles as they are."""

    def __init__(self, ready: Ready, _: float | None) -> None:
        """Load it; raises UserError where that fails. The second generation has a rate of frames."""
        import torch

        self._device = ready.device
        with loading(ready.source, ready.device):
            model, self._processor, self._tokenizer = import_module("videorefer").model_init(
                ready.source, device=ready.device
            )
            for module in model.modules():
                module.tokenizer = self._tokenizer  # by it the model finds <region> in the prompt
            with frequencies_kept(model):
                self._model = model.to(device=ready.device, dtype=torch.float16)
        self._video: Any = None
        self.asking: dict[str, str] = {}

    @staticmethod
    def problems(_: str, dtype: str) -> list[str]:
        """The obstacles to running it so: only another dtype than its own."""
        wrong = dtype not in {"auto", First.dtype}
        return [f"dtype={dtype}: the model's own code runs in {First.dtype} only; leave it out"] if wrong else []

    @staticmethod
    def tower_problems(config: dict[str, Any]) -> list[str]:
        """The problems of the vision tower that the checkpoint's config names, of which its code loads the weights.

        [] if nothing.
        """
        return vision_tower.problems(config, ("mm_vision_tower", "vision_tower"), ("clip", "siglip"))

    def open(self, video: Video) -> None:
        """Prepare the video's 8 frames."""
        with foreign(self._device):
            self._video = self._prepared(video, places(len(video)))[0]

    def answer(self, video: Video, texts: Sequence[str], regions: Sequence[Seen], _: str) -> str:
        """The answer to the last of `texts`; before it stand earlier questions, each with the answer behind it.

        They have `region` for each of `regions`, in order; every task sees the same frames.
        """
        import torch

        region_args: dict[str, Any] = {}
        with foreign(self._device):
            if regions:
                carriers = sorted({region.frame for region in regions})
                masks = np.stack([region.mask for region in regions])[None].astype(np.float32)
                region_args = {
                    "masks": torch.from_numpy(masks).to(self._device),
                    "frame": self._prepared(video, carriers, carry=True)[1],
                    "ann_indices": [[[carriers.index(region.frame)] for region in regions]],
                    "frame_nums": [len(carriers)],
                }
            infer = import_module("videorefer").mm_infer
            asked = texts[0] if len(texts) == 1 else messages(texts)
            return str(
                infer(self._video, asked, model=self._model, tokenizer=self._tokenizer, modal="video", **region_args)
            )

    def notes(self) -> list[str]:
        """Nothing: masks are shown as they are."""
        return []

    def close(self) -> None:
        """Let go of the video."""
        self._video = None

    def _prepared(self, video: Video, frames: Sequence[int], *, carry: bool = False) -> tuple[Any, ...]:
        """Frames as the repository's `process_video` prepares them: as the video, and with `carry` for masks, too."""
        from PIL import Image

        pictures = [Image.fromarray(video.frame(frame)) for frame in frames]
        result: tuple[Any, ...] = import_module("videorefer.mm_utils").process_video(
            pictures,
            processor=self._processor,
            aspect_ratio="square",
            num_frames=None if carry else FRAMES,  # None: no black frames are added
            frame_idx=list(range(len(pictures))) if carry else None,
        )
        return result


def messages(texts: Sequence[str]) -> list[dict[str, str]]:
    """Questions and answers by turns as messages of a chat; the repository puts the video's token into the first."""
    return [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(texts)]


def places(length: int) -> list[int]:
    """The frames that are seen of a video with `length` frames; of one with fewer than 8 some are seen twice."""
    middles = (np.arange(FRAMES) + 0.5) * ((length - 1) / FRAMES)
    return [int(place) for place in np.round(middles + 1e-6)]
