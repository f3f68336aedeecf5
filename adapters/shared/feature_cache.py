"""Features that the image encoder made of the frames of one video, kept for the next questions about it."""

from __future__ import annotations

from typing import Any

ROOM = 8 << 30
"""Bytes of main memory that the features of one video may take; frames beyond that are encoded again."""


class Features:
    """Stands in for the feature cache of a transformers video session: same methods, less memory.

    Features lie in main memory, those of the frame at work also on the device. The first frames that come are kept
    for good: a video is gone through again and again, and what was used longest ago is needed next. The position
    encodings, five times as large as the features, depend on the size alone and are kept once for all frames.
    """

    def __init__(self, device: str, room: int = ROOM) -> None:
        self._device = device
        self._room = room
        self._kept: dict[int, list[Any]] = {}
        self._positions: list[Any] = []
        self._current: tuple[int, list[Any]] | None = None

    def cache_vision_features(self, frame_idx: int, features: dict[str, Any]) -> None:
        """Take what the encoder made of a frame: `vision_feats` and `vision_pos_embeds`, lists of tensors by level."""
        levels = list(features["vision_feats"])
        self._positions = self._positions or list(features["vision_pos_embeds"])
        self._current = frame_idx, levels
        size = sum(level.element_size() * level.nelement() for level in levels)
        if size <= self._room:
            self._room -= size
            self._kept[frame_idx] = [level.to("cpu") for level in levels]

    def get_vision_features(self, frame_idx: int) -> dict[str, Any] | None:
        """The kept features of the frame, on the device; None where it has to be encoded (again)."""
        if self._current is None or self._current[0] != frame_idx:
            if frame_idx not in self._kept:
                return None
            self._current = frame_idx, [level.to(self._device) for level in self._kept[frame_idx]]
        return {"vision_feats": self._current[1], "vision_pos_embeds": self._positions}

    def clear_all(self) -> None:
        """Forget all frames."""
        self._kept.clear()
        self._positions = []
        self._current = None
