"""PixelRefer-2B and -7B, through its `mm_infer`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sama_bench.adapters.models.videorefer.v2 import Second
from sama_bench.adapters.shared import flash_attention
from sama_bench.adapters.shared.checkout import Checkout

URL = "https://github.com/alibaba-damo-academy/PixelRefer"


class Model(Second):
    """PixelRefer, built as VideoRefer's second generation: another package, 32 tokens for a region, the video first."""

    number: ClassVar[str] = ""
    model_type: ClassVar[str] = "pixelrefer"
    repository: ClassVar[Checkout] = Checkout("PixelRefer", URL, ("pixelrefer",), inside="PixelRefer")
    package: ClassVar[str] = "pixelrefer"
    entry: ClassVar[str] = "mm_infer"
    rates: ClassVar[Mapping[str, float]] = {"c": 1.0, "g": 1.0}
    video_last: ClassVar[frozenset[str]] = frozenset()

    @staticmethod
    def problems(device: str, dtype: str) -> list[str]:
        """The obstacles to running it so: its vision encoder's attention is FlashAttention's."""
        return flash_attention.problems(device, dtype, "the vision encoder of PixelRefer")

    def _tokens(self) -> int:
        return int(self._model.config.mask_num)

    def _masks(self, masks: Any) -> Any:  # noqa: ANN401 - tensors of PyTorch
        return masks if len(masks) else None
