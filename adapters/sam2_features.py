"""SAM 2's image features of one video, kept for all its questions: for the SAM 2 code of SAMA and of Sa2VA."""

from __future__ import annotations

from typing import Any

# SAM 2's features of one frame are about 15 MB in bfloat16; what does not fit is computed again, as in the scripts.
ROOM = 8 << 30


class Features(dict[int, tuple[Any, Any]]):
    """Image features by frame, up to so many bytes. Position encodings are the same for all frames and held once."""

    def __init__(self) -> None:
        super().__init__()
        self._room, self._used = ROOM, 0
        self._positions: list[Any] | None = None

    def keep(self, new: dict[int, tuple[Any, Any]]) -> None:
        """Take over features that were just computed, as long as there is room."""
        for index, (image, features) in new.items():
            self._share(features)
            size = sum(one.element_size() * one.nelement() for one in (image, *features["backbone_fpn"]))
            if index not in self and self._used + size <= self._room:
                self._used += size
                self[index] = image, features

    def _share(self, features: dict[str, list[Any]]) -> None:
        import torch

        own = features["vision_pos_enc"]
        if self._positions is None:
            self._positions = own
        elif all(map(torch.equal, own, self._positions)):
            features["vision_pos_enc"] = self._positions


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
