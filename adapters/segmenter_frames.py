"""What a segmenter sees of a video: its own frames, each prepared once, whatever is drawn for the language model."""

from __future__ import annotations

from typing import Any

from sama_bench.frames import Frame
from sama_bench.types import Video

PLACE = "extra_image_processor"


class SegmenterFrames:
    """Stands in a Sa2VA model where it prepares frames for SAM 2, one after the other from the first of each question.

    The model hands over the pictures that it was given; what it gets back is made of the video's frames. A frame is
    kept as 1024 x 1024 pixels, 3 MB, as long as the video is open.
    """

    def __init__(self, own: Any) -> None:  # noqa: ANN401 - the checkpoint's own class
        self._own = own
        self._video: Video | None = None
        self._ready: dict[int, Frame] = {}
        self._next = 0

    @classmethod
    def of(cls, model: Any) -> SegmenterFrames | None:  # noqa: ANN401
        """Put one into the model; None where its code has no such place."""
        own = getattr(model, PLACE, None)
        if not hasattr(own, "apply_image"):
            return None
        frames = cls(own)
        setattr(model, PLACE, frames)
        return frames

    def open(self, video: Video) -> None:
        """The frames are those of `video` from now on."""
        self._video, self._ready, self._next = video, {}, 0

    def begin(self) -> None:
        """The next picture is the first of a question."""
        self._next = 0

    def close(self) -> None:
        """Let go of the video."""
        self._video, self._ready = None, {}

    def apply_image(self, _: Frame) -> Frame:
        """The next frame of the open video, as the model's own code prepares it."""
        assert self._video is not None
        index, self._next = self._next, self._next + 1
        if index not in self._ready:
            self._ready[index] = self._own.apply_image(self._video.frame(index))
        return self._ready[index]
