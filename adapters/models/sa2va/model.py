"""Sa2VA's parts in one tree: SAMA's without context aggregator and regions, in Sa2VA-i with a second mask decoder."""

from __future__ import annotations

from typing import Any

from sama_bench.adapters.models.sa2va.config import Sa2vaConfig
from sama_bench.adapters.models.sama.model import GroundedModel


class Sa2vaModel(GroundedModel):
    """All that has weights. `finder` is Sa2VA-i's second mask decoder, None in Sa2VA."""

    def __init__(self, config: Sa2vaConfig, attention: str = "sdpa", *, two_decoders: bool = False) -> None:
        super().__init__(config, attention)
        self.finder: Any = None
        if two_decoders:
            from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoMaskDecoder

            self.finder = Sam2VideoMaskDecoder(self.sam2.config.mask_decoder_config)
