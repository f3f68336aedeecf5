"""Phrases to tracks by SAM 3, which finds what a noun phrase names on every frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from sama_bench.adapter import Cues
from sama_bench.adapters.shared.checkpoint import Dtype
from sama_bench.adapters.shared.concepts import NEEDS, Concepts, Objects
from sama_bench.grounder import Grounder
from sama_bench.types import Box, Masks, Point, Track, Video


class Sam3TextGrounder(Grounder):
    """Finds the phrases of an answer with transformers' Sam3VideoModel.

    Args:
        checkpoint: SAM 3's id on the hub, or its folder.
        objects: What of all that a phrase names is its track: their union, or the best alone by its mean score.
        device: What it runs on: cpu, cuda, cuda:1, mps; auto takes CUDA where there is one.
        dtype: The type of its numbers; auto takes bfloat16 on CUDA, float32 elsewhere.
    """

    summary = "SAM 3 of transformers by phrases, such as grounder_checkpoint=facebook/sam3"
    needs = NEEDS
    takes: ClassVar[frozenset[Cues]] = frozenset({"phrases"})

    def __init__(
        self, checkpoint: str, *, objects: Objects = "union", device: str = "auto", dtype: Dtype = "auto"
    ) -> None:
        self._concepts = Concepts(checkpoint, device, dtype, objects, prefix="grounder_")
        self.asking = self._concepts.asking

    def open(self, video: Video) -> None:
        """Begin a video; its frames are encoded when the first phrases come, and then kept."""
        self._concepts.open(video)

    def tracks(self, _: Video, __: Sequence[Sequence[Box | Point]]) -> list[Masks | Track]:
        """Raise TypeError: it takes phrases alone."""
        raise TypeError("sam3-text takes phrases, and no boxes or points")

    def phrase_tracks(self, video: Video, phrases: Sequence[str]) -> list[Masks | Track]:
        """One track for each phrase, an RLE or None for every frame; phrases of one question are kept apart."""
        return self._concepts.tracks(video, phrases)

    def close(self) -> None:
        """Forget the video and what was made of it."""
        self._concepts.close()

    def notes(self) -> Sequence[str]:
        """The number of phrases that were cut, where any was."""
        return self._concepts.notes()
