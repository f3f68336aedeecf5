"""SAM 2 as SAMA and Sa2VA use it: a vector of the language model says what to find, and SAM 2 follows it.

The modules are transformers' own. What goes from frame to frame is done here: transformers' session takes points, boxes
and masks only, follows one object at a time, and blanks masks of objects that it takes for absent, which these do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from sama_bench.adapters.models.sama.frame_features import Levels
from sama_bench.types import Masks

FIRST = 5
"""So many frames at the beginning of a video are shown the vector, and are remembered throughout."""


@dataclass(frozen=True)
class Remembered:
    """The memory of a frame for the next ones: features (h * w, N, 64) in bfloat16, pointers (N, c)."""

    features: Tensor
    pointers: Tensor


class _NoPositions(nn.Module):
    """In place of position encodings that would be computed for every frame, and in half precision rounded."""

    def forward(self, _: Any, device: Any, dtype: Any) -> Tensor:  # noqa: ANN401
        return torch.zeros(1, device=device, dtype=dtype)


class Tracker:
    """Follows the objects of [SEG]s through videos with a `Sam2VideoModel` that was loaded for SAMA."""

    def __init__(self, sam2: Any) -> None:  # noqa: ANN401
        self._sam2 = sam2
        self.side = int(sam2.config.image_size)
        self._grid = self.side // 16
        weight = sam2.no_memory_embedding
        self._device, self.dtype = weight.device, weight.dtype
        self._positions = _positions(sam2.vision_encoder.neck, sam2.hidden_dim, self._grid, self._device)
        self._memory_positions = _positions(sam2.memory_encoder, sam2.mem_dim, self._grid, self._device)
        self._image_positions = sam2.get_image_wide_positional_embeddings()

    def features(self, pixels: Tensor) -> Levels:
        """Features of one frame, pixels (3, side, side); the two larger levels as the decoder takes them."""
        with self._autocast():
            levels = self._encoded(pixels)
            return (*larger_levels(self._sam2.mask_decoder, levels), levels[2])

    def _encoded(self, pixels: Tensor) -> Levels:
        """The three levels as the image encoder gives them."""
        levels: Levels = self._sam2.vision_encoder(pixels[None].to(self._device, self.dtype)).fpn_hidden_states
        return levels

    def follow(
        self, vectors: Tensor, features: Callable[[int], Levels], frames: int, shown: int, size: tuple[int, int]
    ) -> Iterator[tuple[int, Masks]]:
        """Each frame's index and masks, (N, H, W) bool, of the objects that the N `vectors` (N, c) mean.

        They are shown on the first `shown` frames of the `frames`; `size` is the video's (H, W).
        """
        for index, logits in self.logits(vectors, features, frames, shown):
            yield index, self._masks(logits, size)

    def logits(
        self, vectors: Tensor, features: Callable[[int], Levels], frames: int, shown: int
    ) -> Iterator[tuple[int, Tensor]]:
        """Each frame's index and low-resolution logits, (N, 1, side / 4, side / 4) float32."""
        shown = min(shown, frames)
        memory = self._new_memory(frames)
        with self._autocast():
            first_logits = self._begun(vectors.to(self.dtype), features, shown, memory)
        yield from first_logits
        for index in range(shown, frames):
            with self._autocast():
                frame_logits = self._next(index, features(index), len(vectors), memory)
            yield index, frame_logits

    def _new_memory(self, frames: int) -> Memory:
        return Memory(int(self._sam2.num_maskmem), min(frames, self._sam2.config.max_object_pointers_in_encoder))

    def _begun(
        self, vectors: Tensor, features: Callable[[int], Levels], shown: int, memory: Memory
    ) -> list[tuple[int, Tensor]]:
        """Find the objects on the first frames, all in one pass of the decoder: logits (N, 1, h, w) of each."""
        levels = [features(index) for index in range(shown)]
        large, middle, small = (torch.cat([frame_levels[level] for frame_levels in levels]) for level in range(3))
        image = small + self._sam2.no_memory_embedding.view(1, -1, 1, 1)
        logits, pointers, _ = self._decoded(image, (large, middle), vectors.expand(shown, *vectors.shape))
        for index in range(shown):
            memory.first[index] = self._remembered(levels[index][2], logits[index][:, None], pointers[index])
        return [(index, logits[index][:, None]) for index in range(shown)]

    def _next(self, index: int, levels: Levels, objects: int, memory: Memory) -> Tensor:
        """Find the objects on a frame by what is remembered of those before: logits (N, 1, h, w)."""
        image = self._looked_up(levels[2], objects, memory.before(index), memory.pointers(index))
        larger = tuple(level.expand(objects, -1, -1, -1) for level in levels[:2])
        logits, pointers, scores = self._decoded(image, larger, None)
        logits = self._kept(logits, scores)
        memory.add(index, self._remembered(levels[2], logits, pointers[:, 0]))
        return logits

    def _kept(self, logits: Tensor, scores: Tensor) -> Tensor:  # noqa: ARG002 - for other kinds of tracking
        """The masks (N, 1, h, w) of a followed frame as they count, by the scores (N, 1, 1) of objects being there.

        The mask of an object that seems absent stays as it is, unlike in SAM 2.
        """
        return logits

    def _looked_up(
        self, small: Tensor, objects: int, frames: list[tuple[int, Remembered]], pointers: list[Tensor]
    ) -> Tensor:
        """A frame's features with what memory says of each object, (N, c, h, w)."""
        sam2 = self._sam2
        when = sam2.memory_temporal_positional_encoding
        places = [self._memory_positions + when[ago - 1] for ago, _ in frames]
        # a pointer is as wide as four vectors of memory; it stands nowhere, at no time
        parts = torch.stack(pointers).reshape(len(pointers), objects, -1, sam2.mem_dim)
        parts = parts.permute(0, 2, 1, 3).flatten(0, 1)
        memory = torch.cat([*(frame.features for _, frame in frames), parts])
        attended = sam2.memory_attention(
            current_vision_features=small.flatten(2).permute(2, 0, 1).expand(-1, objects, -1),
            current_vision_position_embeddings=self._positions,
            memory=memory,
            memory_posision_embeddings=torch.cat(
                [*places, self._memory_positions.new_zeros(len(parts), 1, sam2.mem_dim)]
            ),
            num_object_pointer_tokens=len(parts),
        )
        return (
            attended.reshape(objects, self._grid * self._grid, -1)
            .transpose(1, 2)
            .unflatten(2, (self._grid, self._grid))
        )

    def _decoded(
        self,
        image: Tensor,
        larger: tuple[Tensor, ...],
        vectors: Tensor | None,
        decoder: Any = None,  # noqa: ANN401 - of transformers
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The best of three masks, logits (B, P, h, w) in float32, pointers (B, P, c) and scores (B, P, 1) of objects.

        `vectors` (B, P, c) are what to look for on each of B images; without them it is one object an image (P = 1).
        `decoder` is SAM 2's own mask decoder where none is named.
        """
        sam2, prompts = self._sam2, self._sam2.prompt_encoder
        count = 1 if vectors is None else vectors.shape[1]
        nothing = prompts.not_a_point_embed.weight.expand(len(image), count, 2, -1)
        words = nothing if vectors is None else torch.cat([nothing, vectors[:, :, None]], dim=2)
        masks, quality, tokens, scores = (decoder or sam2.mask_decoder)(
            image_embeddings=image,
            image_positional_embeddings=self._image_positions.expand(len(image), -1, -1, -1),
            sparse_prompt_embeddings=words,
            dense_prompt_embeddings=prompts.no_mask_embed.weight.reshape(1, -1, 1, 1),
            multimask_output=True,
            high_resolution_features=list(larger),
        )
        best = quality.argmax(dim=-1)
        batch, objects = torch.arange(len(image))[:, None], torch.arange(count)[None]
        pointers = sam2.object_pointer_proj(tokens[batch, objects, best])
        return masks[batch, objects, best].float(), self._if_present(pointers, scores > 0), scores

    def _if_present(self, pointers: Tensor, present: Tensor) -> Tensor:
        """Pointers (…, c) of objects that are there (…, 1), the one for none of those that are not."""
        share = present.float()
        mixed: Tensor = share * pointers + (1 - share) * self._sam2.no_object_pointer
        return mixed

    def _remembered(self, small: Tensor, logits: Tensor, pointers: Tensor) -> Remembered:
        config = self._sam2.config
        masks = self._enlarged(logits, self.side).sigmoid() * config.sigmoid_scale_for_mem_enc
        masks = masks + config.sigmoid_bias_for_mem_enc
        features, _ = self._sam2.memory_encoder(small.expand(len(logits), -1, -1, -1), masks)
        return Remembered(features.bfloat16().flatten(2).permute(2, 0, 1), pointers)

    def _masks(self, logits: Tensor, size: tuple[int, int]) -> Masks:
        """(N, H, W) bool. By way of SAM 2's own size: one step gives other borders than two."""
        at_size = functional.interpolate(
            self._enlarged(logits, self.side), size=size, mode="bilinear", align_corners=False
        )
        return np.asarray((at_size[:, 0].sigmoid() > 0.5).cpu().numpy(), bool)

    def _enlarged(self, logits: Tensor, side: int) -> Tensor:
        return functional.interpolate(logits, size=(side, side), mode="bilinear", align_corners=False)

    def _autocast(self) -> AbstractContextManager[Any]:
        if self._device.type == "cuda" and self.dtype != torch.float32:
            autocast: AbstractContextManager[Any] = torch.autocast("cuda", dtype=self.dtype)
            return autocast
        return nullcontext()


class Memory:
    """The memory of frames: of the first ones throughout, of others as long as they are near."""

    def __init__(self, frames: int, pointers: int) -> None:
        self._frames, self._pointers = frames, pointers
        self.first: dict[int, Remembered] = {}
        self._others: dict[int, Remembered] = {}

    def add(self, index: int, frame: Remembered) -> None:
        """Remember a frame that is none of the first, and forget the one that is too far behind now."""
        self._others[index] = frame
        self._others.pop(index - self._pointers, None)
        if forgotten := self._others.get(index - self._frames + 1):
            self._others[index - self._frames + 1] = Remembered(forgotten.features.new_empty(0), forgotten.pointers)

    def before(self, index: int) -> list[tuple[int, Remembered]]:
        """Frames whose features count, each with how long ago it is; 0 for the first ones, whose time is their own."""
        near_frames = [
            (ago, self._others[index - ago]) for ago in range(self._frames - 1, 0, -1) if index - ago in self._others
        ]
        return [*((0, frame) for frame in self.first.values()), *near_frames]

    def pointers(self, index: int) -> list[Tensor]:
        """Pointers (N, c) of the first frames that lie before, then of up to 15 others from the nearest on."""
        first_frames = [frame for place, frame in self.first.items() if place <= index]
        near_frames = [self._others.get(index - ago) for ago in range(1, self._pointers)]
        return [frame.pointers for frame in (*first_frames, *near_frames) if frame is not None]


def larger_levels(decoder: nn.Module, levels: Levels) -> Levels:
    """The two larger levels as a mask decoder takes them."""
    return (decoder.conv_s0(levels[0]), decoder.conv_s1(levels[1]))


def _positions(owner: Any, width: int, grid: int, device: torch.device) -> Tensor:  # noqa: ANN401
    """Sine positions of a grid, (grid * grid, 1, width) float32, once; `owner` computes none from now on."""
    positions = owner.position_encoding(torch.Size((1, width, grid, grid)), device, torch.float32)
    owner.position_encoding = _NoPositions()
    return torch.as_tensor(positions).flatten(2).permute(2, 0, 1)
