"""SAM 2's image features of the frames of one video, kept for all its [SEG]s, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from torch import Tensor

Levels: TypeAlias = tuple[Tensor, ...]
"""A frame's features, (1, c, h, w) each, from large and thin to small and wide."""
DEVICE_ROOM = 2 << 30
"""Bytes of a GPU that features may take: 240 frames in half precision. Those of further frames are offloaded."""
MAIN_ROOM = 8 << 30
"""Bytes of main memory that they may take; frames beyond that are encoded again each time."""


class FrameFeatures:
    """Features by frame, made by `encode` when first asked for.

    The first frames are kept nearest, as every pass through the video begins with them. `counts` says how many frames
    were encoded, and of how many the features lie in main memory though there is a GPU.
    """

    def __init__(
        self, encode: Callable[[int], Levels], device_room: int | None = None, main_room: int | None = None
    ) -> None:
        self._encode = encode
        self._device_room = DEVICE_ROOM if device_room is None else device_room
        self._main_room = MAIN_ROOM if main_room is None else main_room
        self._kept: dict[int, Levels] = {}
        self.counts = {"encoded": 0, "offloaded": 0}
        self._device = "cpu"

    def __call__(self, index: int) -> Levels:
        """The features of a frame, on the device."""
        if index in self._kept:
            return tuple(level.to(self._device) for level in self._kept[index])
        levels = self._encode(index)
        self.counts["encoded"] += 1
        self._device = str(levels[0].device)
        self._keep(index, levels)
        return levels

    def _keep(self, index: int, levels: Levels) -> None:
        size = sum(level.element_size() * level.nelement() for level in levels)
        if not self._device.startswith("cpu") and size <= self._device_room:
            self._device_room -= size
            self._kept[index] = levels
        elif size <= self._main_room:
            self._main_room -= size
            self._kept[index] = tuple(level.to("cpu") for level in levels)
            self.counts["offloaded"] += not self._device.startswith("cpu")
