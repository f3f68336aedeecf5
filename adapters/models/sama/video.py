"""An open video: what no question changes is computed once, and kept for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from PIL import Image
from torch import Tensor

from sama_bench.adapters.models.sama import pixels
from sama_bench.adapters.models.sama.aggregator import Seen
from sama_bench.adapters.models.sama.frame_features import FrameFeatures, Levels
from sama_bench.adapters.models.sama.generation import Prefix
from sama_bench.adapters.shared.sama_frames import dense, sparse
from sama_bench.adapters.shared.split_batches import in_parts
from sama_bench.metrics.rle import encode
from sama_bench.types import RLE, Track, Video

if TYPE_CHECKING:
    from sama_bench.adapters.models.sama.assembled import Assembled, Grounded

FRAMES_AT_ONCE = 32
"""So many frames the vision tower takes together, fewer where memory is short."""


@dataclass(frozen=True)
class Looked:
    """The language side's view of frames: the aggregator's look at all of them, and how many are shown in full."""

    seen: Seen
    shown: int

    @property
    def frames(self) -> int:
        """The number of frames that have a context token."""
        return len(self.seen.cells)

    @property
    def cells(self) -> Tensor:
        """The cells of the frames that are shown in full, (shown * 256, d)."""
        return self.seen.cells[: self.shown].flatten(0, 1)


def look(parts: Assembled, pictures: Sequence[Image.Image], shown: int) -> Looked:
    """See pictures with the vision tower and the first part of the aggregator; the first `shown` of them in full."""
    return Looked(parts.model.aggregator.look(torch.stack(cells_of(parts, pictures))), shown)


def cells_of(parts: Grounded, pictures: Sequence[Image.Image]) -> list[Tensor]:
    """Each picture as the vision tower sees it, (256, d); as many together as memory has room for."""

    def cells(pictures_part: Sequence[Image.Image]) -> Sequence[Tensor]:
        return list(parts.model.vision(pixels.for_vision(pictures_part).to(parts.device, parts.dtype)))

    return in_parts(cells, pictures, FRAMES_AT_ONCE)


class FollowedVideo:
    """One video, in which SAM 2 follows the objects of [SEG]s: its features of all frames.

    The objects are looked for on `shown` frames.
    """

    def __init__(self, parts: Grounded, video: Video, shown: int) -> None:
        self._tracker, self.video, self._shown = parts.tracker, video, shown
        self.features = FrameFeatures(self._features)

    def _features(self, index: int) -> Levels:
        return self._tracker.features(pixels.for_sam2(self.video.frame(index), self._tracker.side))

    def tracks(self, vectors: Tensor, at_once: int) -> list[Track]:
        """A track for each of N [SEG]s (N, c), an RLE or None for every frame; `at_once` go through together."""
        return in_parts(self._followed, list(vectors), at_once)

    def _followed(self, vectors: Sequence[Tensor]) -> list[Track]:
        tracks: list[list[RLE | None]] = [[] for _ in vectors]
        masks = self._tracker.follow(
            torch.stack(list(vectors)), self.features, len(self.video), self._shown, self.video.size
        )
        for _, frame_masks in masks:
            for track, mask in zip(tracks, frame_masks, strict=True):
                track.append(encode(mask))
        return list(tracks)


class OpenVideo(FollowedVideo):
    """A video that is open for SAMA, with its frames as the language model sees them."""

    def __init__(self, parts: Assembled, video: Video, max_frames: int) -> None:
        self.sample = sparse(len(video), max_frames)
        """Which frames the language model sees: those with a context token."""
        self.dense = dense(self.sample)
        """Those of them that it sees in full."""
        super().__init__(parts, video, len(self.dense))
        pictures = [Image.fromarray(video.frame(index)) for index in self.sample]
        self.looked = look(parts, pictures, len(self.dense))
        self.prefix: Prefix | None = None
        """The beginning of its prompts, once one was read."""
