"""From pictures to cells: InternViT, then the projector into the language model's space."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from sama_bench.adapters.models.sama import parts
from sama_bench.adapters.models.sama.config import SamaConfig

SIDE = 16
"""A frame is SIDE x SIDE cells, 256 tokens of the language model."""


class VisionTower(nn.Module):
    """Frames as 16 x 16 cells of the language model's width (E in docs/sama.md)."""

    def __init__(self, config: SamaConfig, attention: str) -> None:
        super().__init__()
        from transformers import AutoModel

        self.vit: Any = AutoModel.from_config(parts.vision(config), attn_implementation=attention)
        wide = 4 * int(config.vision_config["hidden_size"])
        self.projector = nn.Sequential(
            nn.LayerNorm(wide), nn.Linear(wide, config.width), nn.GELU(), nn.Linear(config.width, config.width)
        )

    def forward(self, pixels: Tensor) -> Tensor:
        """(F, 3, 448, 448) normalised pixels to (F, 256, width) cells, row by row."""
        patches = self.vit(pixel_values=pixels).last_hidden_state[:, 1:]
        cells: Tensor = self.projector(_four_in_one(patches))
        return cells


def _four_in_one(patches: Tensor) -> Tensor:
    """(F, 32 * 32, C) to (F, 16 * 16, 4 C): each cell's two rows of two patches stand behind each other."""
    frames, _, wide = patches.shape
    grid = patches.reshape(frames, SIDE, 2, SIDE, 2, wide)
    return grid.permute(0, 1, 3, 2, 4, 5).reshape(frames, SIDE * SIDE, 4 * wide)


class RegionEncoder(nn.Module):
    """A region as two vectors: what the frame shows in it (16 x 16 mask), and its shape (112 x 112 mask).

    SAMA has two: one for the temporal Q-Former, one for the language model.
    """

    PIXELS = 112 * 112

    def __init__(self, cells: int, hidden: int, width: int) -> None:
        super().__init__()
        self.pooled = nn.Linear(cells, width)
        self.shape = nn.Sequential(
            nn.Linear(self.PIXELS, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, width)
        )

    def forward(self, cells: Tensor, small: Tensor, large: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Encode R regions as their two vectors, (R, width) each.

        `cells` (R, 256, C) are those of the frame on which each region is shown, `small` (R, 16, 16) and `large`
        (R, 112, 112) its masks there, 0 or 1. Pooling is done in `dtype`; an empty region pools to zeros.
        """
        weight = self.pooled.weight
        inside = (small.flatten(1) > 0).to(dtype)
        share = inside / (inside.sum(dim=1, keepdim=True) + 1e-8)
        mean = torch.einsum("rnc,rn->rc", cells.to(dtype), share)
        return self.pooled(mean.to(weight.dtype)), self.shape(large.flatten(1).to(weight.dtype))

    def of_nothing(self) -> Tensor:
        """The sum of both vectors of a region that is all zeros, (1, width): what the biases come to."""
        weight = self.pooled.weight
        pooled = self.pooled(weight.new_zeros(1, weight.shape[1]))
        nothing: Tensor = pooled + self.shape(weight.new_zeros(1, self.PIXELS))
        return nothing
