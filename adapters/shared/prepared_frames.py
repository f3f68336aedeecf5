"""The frames of a video as a video model of transformers takes them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from sama_bench.types import Video

Loaded: TypeAlias = Any
"""What transformers loaded (a processor) or computed; its types are not to be had where it is absent."""


class PreparedFrames:
    """The frames of a video, (3, S, S) each, prepared when asked for and not kept."""

    def __init__(self, processor: Loaded, video: Video, dtype: Loaded) -> None:
        self._processor, self._video, self._dtype = processor, video, dtype
        self.last = -1
        """The frame that was asked for last."""

    def __len__(self) -> int:
        return len(self._video)

    def __getitem__(self, index: int) -> Loaded:
        self.last = index
        frame = np.array(self._video.frame(index))  # a copy: torch warns of arrays that cannot be written to
        prepared = self._processor.video_processor(videos=[frame[None]], return_tensors="pt")
        return prepared["pixel_values_videos"][0, 0].to(self._dtype)
