"""SAM 2 as Sa2VA-i uses it: objects are found on single frames by one decoder, and followed by SAM 2's original one.

 frames spread over the video -> `finder`, the decoder that was trained with the language model: a mask on each, alone
 all frames                   -> SAM 2 as it was released, which takes these masks for given and follows them

Sa2VA has one decoder for both, trained on single frames, and feeds it SAM 2's memory, for which it was not trained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from sama_bench.adapters.models.sama.frame_features import Levels
from sama_bench.adapters.models.sama.tracking import Memory, Tracker, larger_levels
from sama_bench.adapters.shared.shown_frames import ShownFrames
from sama_bench.types import Masks

ABSENT = -1024.0
"""The logits of an object that seems absent on a frame."""


class CorrectedTracker(Tracker):
    """Follows the objects of [SEG]s with Sa2VA-i's two mask decoders."""

    def __init__(self, sam2: nn.Module, finder: nn.Module) -> None:
        super().__init__(sam2)
        self._finder = finder

    def features_to_find(self, pixels: Tensor) -> Levels:
        """Features of a frame on which objects are found: `features`, then the larger ones as the finder takes them."""
        with self._autocast():
            levels = self._encoded(pixels)
            return (
                *larger_levels(self._sam2.mask_decoder, levels), levels[2], *larger_levels(self._finder, levels),
            )  # fmt: skip

    def follow(
        self, vectors: Tensor, features: Callable[[int], Levels], frames: int, shown: int, size: tuple[int, int]
    ) -> Iterator[tuple[int, Masks]]:
        """As of any tracker, but `shown` frames are spread over the video: their features are `features_to_find`."""
        for index, logits in self.corrected_logits(vectors, features, frames, shown, size):
            yield index, self._masks(logits, size)

    def corrected_logits(
        self, vectors: Tensor, features: Callable[[int], Levels], frames: int, shown: int, size: tuple[int, int]
    ) -> Iterator[tuple[int, Tensor]]:
        """Each frame's index and low-resolution logits, (N, 1, side / 4, side / 4) float32."""
        sample = ShownFrames(shown, spread=True).positions(frames)
        memory = self._new_memory(frames)
        with self._autocast():
            masks = self._found(vectors.to(self.dtype), [features(index) for index in sample], size)
            given_logits = {
                index: self._given(index, features(index), frame_masks, memory)
                for index, frame_masks in zip(sample, masks, strict=True)
            }
        for index in range(frames):
            if index in given_logits:
                yield index, given_logits[index]
                continue
            with self._autocast():
                frame_logits = self._next(index, features(index), len(vectors), memory)
            yield index, frame_logits

    def _found(self, vectors: Tensor, levels: Sequence[Levels], size: tuple[int, int]) -> Tensor:
        """Masks (S, N, side, side), 0 or 1, of N objects on each of S frames, as they are at the video's `size`."""
        small, large, middle = (torch.cat([frame_levels[level] for frame_levels in levels]) for level in (2, 3, 4))
        image = small + self._sam2.no_memory_embedding.view(1, -1, 1, 1)
        vectors = vectors.expand(len(levels), *vectors.shape)
        logits, _, _ = self._decoded(image, (large, middle), vectors, self._finder)
        at_size = functional.interpolate(logits, size=size, mode="bilinear", align_corners=False)
        masks = (at_size.sigmoid() > 0.5).float()
        if size == (self.side, self.side):
            return masks
        return (self._reduced(masks, self.side) >= 0.5).float()

    def _given(self, index: int, levels: Levels, masks: Tensor, memory: Memory) -> Tensor:
        """Remember masks (N, side, side) of a frame as if they were given; their logits (N, 1, h, w)."""
        masks = masks[:, None]
        logits = self._reduced(masks * 20.0 - 10.0, self.side // 4)
        pointers = self._pointers_of(levels, masks)
        memory.first[index] = self._remembered(levels[2], logits, pointers)
        return logits

    def _pointers_of(self, levels: Levels, masks: Tensor) -> Tensor:
        """The pointers (N, c) of objects that are given by their masks (N, 1, side, side) on a frame."""
        sam2, prompts, count = self._sam2, self._sam2.prompt_encoder, len(masks)
        large, middle, small = (level.expand(count, -1, -1, -1) for level in levels[:3])
        _, _, tokens, scores = sam2.mask_decoder(
            image_embeddings=small,
            image_positional_embeddings=self._image_positions.expand(count, -1, -1, -1),
            sparse_prompt_embeddings=prompts.not_a_point_embed.weight.expand(count, 1, 2, -1),
            dense_prompt_embeddings=prompts.mask_embed(sam2.mask_downsample(masks.to(self.dtype))),
            multimask_output=False,
            high_resolution_features=[large, middle],
        )
        pointers = self._if_present(sam2.object_pointer_proj(tokens[:, 0, 0]), scores[:, 0] > 0)
        return self._if_present(pointers, masks.flatten(1).any(dim=1, keepdim=True))

    def _kept(self, logits: Tensor, scores: Tensor) -> Tensor:
        """As in SAM 2, an object that seems absent on a followed frame has no mask there."""
        return torch.where(scores[..., None] > 0, logits, ABSENT)

    def _reduced(self, masks: Tensor, side: int) -> Tensor:
        return functional.interpolate(masks, size=(side, side), mode="bilinear", align_corners=False, antialias=True)
