"""An open video: frames as Sa2VA's language model sees them, those without marks once, and SAM 2's features."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeAlias

import torch
from PIL import Image
from torch import Tensor

from sama_bench.adapters.models.sa2va.corrected_tracking import CorrectedTracker
from sama_bench.adapters.models.sama import pixels
from sama_bench.adapters.models.sama.frame_features import Levels
from sama_bench.adapters.models.sama.generation import Prefix
from sama_bench.adapters.models.sama.video import FollowedVideo, cells_of
from sama_bench.adapters.shared.region_marks import Marked
from sama_bench.adapters.shared.shown_frames import ShownFrames
from sama_bench.types import Video

if TYPE_CHECKING:
    from sama_bench.adapters.models.sa2va.assembled import Assembled

Picture: TypeAlias = tuple[int, bytes]
"""A frame and what is drawn on it: its place, and a digest of its pixels where it carries marks."""


class OpenVideo(FollowedVideo):
    """A video that is open for Sa2VA."""

    def __init__(self, parts: Assembled, video: Video, shown: ShownFrames) -> None:
        self._positions = shown.positions(len(video))
        super().__init__(parts, video, shown.count if parts.corrected else len(self._positions))
        self._parts = parts
        self._cells: dict[Picture, Tensor] = {}
        self.prefix: tuple[tuple[Picture, ...], Prefix] | None = None
        """The beginning of the prompts about the pictures that were asked about last."""

    def look(self, questions: Sequence[Marked]) -> list[tuple[tuple[Picture, ...], Tensor]]:
        """For each question its pictures, and their cells (F * 256, d). Frames without marks are looked at once."""
        keys = [self._keys(question) for question in questions]
        images = {
            key: question.frames.get(key[0])
            for question, question_keys in zip(questions, keys, strict=True)
            for key in question_keys
        }
        new = [key for key in images if key not in self._cells]
        pictures = [
            Image.fromarray(self.video.frame(key[0]) if (frame := images[key]) is None else frame) for key in new
        ]
        cells = {**self._cells, **dict(zip(new, cells_of(self._parts, pictures), strict=True))}
        self._cells = {key: frame_cells for key, frame_cells in cells.items() if not key[1]}
        return [(question_keys, torch.cat([cells[key] for key in question_keys])) for question_keys in keys]

    @staticmethod
    def _keys(question: Marked) -> tuple[Picture, ...]:
        drawn = {place: blake2b(frame.tobytes()).digest() for place, frame in question.frames.items()}
        return tuple((place, drawn.get(place, b"")) for place in question.places)

    def _features(self, index: int) -> Levels:
        tracker = self._tracker
        if isinstance(tracker, CorrectedTracker) and index in self._positions:
            return tracker.features_to_find(pixels.for_sam2(self.video.frame(index), tracker.side))
        return super()._features(index)
