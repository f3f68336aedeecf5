"""SAMA's parts in one tree.

A question goes: frames -> `vision` -> `aggregator` (with the question and `aggregator.regions`), and regions
-> `regions`; all of that stands in the places of `<IMG_CONTEXT>` in the prompt of `language_model`. Where that says
[SEG], its hidden state -> `seg_projection` -> `sam2`, which finds the object on all frames (`tracking`).
"""

from __future__ import annotations

from typing import Any

from torch import nn

from sama_bench.adapters.models.sama import parts
from sama_bench.adapters.models.sama.aggregator import ContextAggregator
from sama_bench.adapters.models.sama.config import SamaConfig
from sama_bench.adapters.models.sama.vision import RegionEncoder, VisionTower


class GroundedModel(nn.Module):
    """The parts that SAMA has of Sa2VA. `attention` is how transformers attends: sdpa, eager or flash_attention_2."""

    def __init__(self, config: SamaConfig, attention: str = "sdpa") -> None:
        super().__init__()
        from transformers import AutoModel, AutoModelForCausalLM

        self.config = config
        self.vision = VisionTower(config, attention)
        self.language_model: Any = AutoModelForCausalLM.from_config(
            parts.language_model(config), attn_implementation=attention
        )
        self.seg_projection = nn.Sequential(
            nn.Linear(config.width, config.width), nn.ReLU(), nn.Linear(config.width, config.sizes.sam2.width)
        )
        self.sam2: Any = AutoModel.from_config(parts.sam2(config.sizes), attn_implementation=without_flash(attention))


class SamaModel(GroundedModel):
    """All that has weights."""

    def __init__(self, config: SamaConfig, attention: str = "sdpa") -> None:
        super().__init__(config, attention)
        self.aggregator = ContextAggregator(config, without_flash(attention))
        self.regions = RegionEncoder(config.width, config.sizes.region_hidden, config.width)


def without_flash(attention: str) -> str:
    """The attention of Q-Formers and SAM 2, which have no flash attention."""
    return "sdpa" if attention.startswith("flash") else attention
