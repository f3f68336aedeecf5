"""SAM 2's image features of one video, kept for all its questions: for the SAM 2 code of SAMA and of Sa2VA."""

from __future__ import annotations

from typing import Any

from sama_bench.adapters.shared import feature_cache


class Features:
    """Image features by frame, as the code's own cache gives them, but of more frames than one.

    They lie in main memory, about 8.4 MB a frame in half precision, up to `feature_cache.ROOM`; those of the frame
    at work are also on the device. The picture that the code keeps beside them is looked at by nobody, and is not kept.
    """

    def __init__(self) -> None:
        self._kept: feature_cache.Features | None = None

    def __bool__(self) -> bool:
        return self._kept is not None

    def keep(self, new: dict[int, tuple[Any, Any]]) -> None:
        """Take over features that were just computed, as long as there is room."""
        for index, (_, features) in new.items():
            levels = features["backbone_fpn"]
            if self._kept is None:
                self._kept = feature_cache.Features(levels[0].device, feature_cache.ROOM)
            self._kept.cache_vision_features(
                index, {"vision_feats": levels, "vision_pos_embeds": features["vision_pos_enc"]}
            )

    def get(self, index: int, absent: tuple[Any, Any]) -> tuple[Any, Any]:
        """A stand-in for the picture of a frame and its features, on the device; `absent` where they are not kept."""
        cached_features = None if self._kept is None else self._kept.get_vision_features(index)
        if cached_features is None:
            return absent
        levels = list(cached_features["vision_feats"])
        picture = levels[0].new_zeros(1, 3, 1, 1)
        return picture, {"backbone_fpn": levels, "vision_pos_enc": list(cached_features["vision_pos_embeds"])}

    def clear(self) -> None:
        """Forget all frames."""
        self._kept = None


class State(dict[str, Any]):
    """A SAM 2 state whose cache of features, which holds one frame in the released code, is the video's."""

    def __init__(self, state: dict[str, Any], features: Features) -> None:
        super().__init__(state)
        self._features = features
        super().__setitem__("cached_features", features)

    def __setitem__(self, name: str, value: Any) -> None:  # noqa: ANN401
        if name == "cached_features":
            self._features.keep(value)
        else:
            super().__setitem__(name, value)
