"""The spatio-temporal context aggregator: what happens in the video, as the question asks for it, in a token a frame.

cells of every frame (F, 256, d)
  -> `spatial`:  32 queries a frame look at its cells                  (F, 32, w)     once a video
  -> `temporal`: 32 queries a window of 16 frames read the question, with its regions, and look at the
                 frames' queries                                       (32 a window)  for each question
  -> injection:  every cell of every frame looks at all of these, takes up what it finds, and a frame's cells
                 become one token                                      (F, d)         for each question
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from sama_bench.adapters.models.sama import parts
from sama_bench.adapters.models.sama.config import SamaConfig
from sama_bench.adapters.models.sama.vision import RegionEncoder

LOOK, SHAPE = 30523, 30524
"""Ids of `<mask>` and `<pos>` in a question: rows that become the region's two vectors."""


@dataclass(frozen=True)
class Seen:
    """The aggregator's view of a video before any question: kept as long as the video is open."""

    cells: Tensor
    """(F, 256, d), as the vision tower gave them."""
    queries: Tensor
    """(F * 32, w): the spatial queries of all frames, in order."""
    asking: Tensor
    """(F, 256, d): the cells as they look for context."""


@dataclass(frozen=True)
class Prompted:
    """A question as the temporal Q-Former reads it: token ids, and the two vectors of each region, (R, w).

    Without `regions` nothing was said about them, and the released code then adds the vectors of an empty region to
    every row, as for plain images. No region (R = 0) is something else.
    """

    ids: Sequence[int]
    regions: tuple[Tensor, Tensor] | None


class ContextAggregator(nn.Module):
    """SAMA's spatio-temporal context aggregator."""

    def __init__(self, config: SamaConfig, attention: str) -> None:
        super().__init__()
        from transformers import AutoModel

        sizes, wide = config.sizes, config.width
        self.window = sizes.window
        self.to_spatial = nn.Linear(wide, sizes.spatial_input)
        self.spatial_norm = nn.LayerNorm(sizes.spatial_input)
        self.spatial_queries = nn.Parameter(torch.zeros(1, sizes.queries, sizes.width))
        self.spatial: Any = AutoModel.from_config(parts.spatial(sizes), attn_implementation=attention)
        self.temporal_queries = nn.Parameter(torch.zeros(1, sizes.queries, sizes.width))
        self.words = nn.Embedding(sizes.words, sizes.width)
        self.positions = nn.Embedding(sizes.positions, sizes.width)
        self.regions = RegionEncoder(wide, sizes.region_hidden, sizes.width)
        self.temporal: Any = AutoModel.from_config(parts.temporal(sizes), attn_implementation=attention)
        self.query = nn.Linear(wide, wide)
        self.key = nn.Linear(sizes.width, wide)
        self.value = nn.Linear(sizes.width, wide)
        self.out = nn.Linear(wide, wide)
        self.final = nn.Linear(wide, wide)

    def look(self, cells: Tensor) -> Seen:
        """The part that no question changes, of cells (F, 256, d)."""
        cells_in_width = self.spatial_norm(self.to_spatial(cells))
        queries = self.spatial_queries.expand(len(cells), -1, -1)
        outputs = self.spatial(query_embeds=queries, encoder_hidden_states=cells_in_width).last_hidden_state
        return Seen(cells, outputs.flatten(0, 1), self.query(cells))

    def forward(self, seen: Seen, prompts: Sequence[Prompted]) -> Tensor:
        """The context tokens of each of P prompts about one video, (P, F, d)."""
        contexts = self._over_windows(seen.queries, prompts)
        # one prompt after the other: its cells' looks at the context are as large as all the rest
        return torch.stack([self._injected(seen, context) for context in contexts])

    def _over_windows(self, queries: Tensor, prompts: Sequence[Prompted]) -> Tensor:
        """Read all prompts together, window by window: (P, 32 * windows, w)."""
        rows, mask = self._rows(prompts)
        count = self.temporal_queries.shape[1]
        outputs = []
        for window in queries.split(self.window):
            read = self.temporal(
                query_embeds=rows, query_length=count, attention_mask=mask,
                encoder_hidden_states=window.expand(len(prompts), -1, -1),
            )  # fmt: skip
            outputs.append(read.last_hidden_state[:, :count])
        return torch.cat(outputs, dim=1)

    def _rows(self, prompts: Sequence[Prompted]) -> tuple[Tensor, Tensor | None]:
        """Queries and text of each prompt, (P, 32 + longest, w), and which of them are there, None where all are."""
        texts = [self._text(prompt) for prompt in prompts]
        longest = max(map(len, texts))
        rows = self.temporal_queries.new_zeros(len(texts), longest, self.temporal_queries.shape[2])
        for place, text in enumerate(texts):
            rows[place, : len(text)] = text
        rows = torch.cat([self.temporal_queries.expand(len(texts), -1, -1), rows], dim=1)
        for place, prompt in enumerate(prompts):
            if prompt.regions is None:
                rows[place] += self.regions.of_nothing()
        if all(len(text) == longest for text in texts):
            return rows, None
        lengths = torch.tensor([len(text) for text in texts], device=rows.device) + self.temporal_queries.shape[1]
        return rows, (torch.arange(rows.shape[1], device=rows.device) < lengths[:, None]).long()

    def _text(self, prompt: Prompted) -> Tensor:
        """The words of one prompt with its regions in their places, (L, w). Raises ValueError where counts differ."""
        ids = torch.tensor(list(prompt.ids), device=self.words.weight.device)
        rows: Tensor = self.words(ids) + self.positions.weight[: len(ids)]
        if prompt.regions is None:
            return rows
        for token, vectors in zip((LOOK, SHAPE), prompt.regions, strict=True):
            places = ids == token
            if int(places.sum()) != len(vectors):
                counts = f"{int(places.sum())} places for regions are left of {len(vectors)}"
                raise ValueError(
                    f"the question is too long for the context aggregator: {counts} in its last 256 tokens"
                )
            # the vectors take the rows as they are: the positions that were added there are gone
            rows[places] = vectors.to(rows.dtype)
        return rows

    def _injected(self, seen: Seen, context: Tensor) -> Tensor:
        """One prompt's context (windows * 32, w) in the frames' cells, and those as one token a frame: (F, d)."""
        key, value = self.key(context), self.value(context)
        looks = (seen.asking @ key.transpose(-1, -2)) / (key.shape[-1] ** 0.5)
        cells = self.out(looks.softmax(-1) @ value) + seen.cells
        tokens: Tensor = self.final(cells.mean(dim=1))
        return tokens
