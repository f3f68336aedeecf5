"""SAM 2's frames of a video in Sa2VA: its own, each prepared and encoded once, whatever is drawn on others."""

from __future__ import annotations

from typing import Any

from sama_bench.adapters.shared.sam2_features import Features, State
from sama_bench.frames import Frame
from sama_bench.types import Video

PLACE = "extra_image_processor"
SAMPLED = "get_sam2_embeddings_training_like"
"""Where Sa2VA-i encodes the frames on which it finds objects, apart from all frames, on which it follows them."""


class SegmenterFrames:
    """Stands in a Sa2VA model where it prepares frames for SAM 2, one after the other from the first of each question.

    The model hands over the pictures that it was given; what it gets back is made of the video's frames. A frame is
    kept as 1024 x 1024 pixels, 3 MB, as long as the video is open, and so are SAM 2's features of it, up to 8 GiB.
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - the checkpoint's own class
        self._original = getattr(model, PLACE)
        setattr(model, PLACE, self)
        self._video: Video | None = None
        self._ready: dict[int, Frame] = {}
        self._next = 0
        self._features = Features()
        self._sampled: Any = None
        encoder = getattr(model, "grounding_encoder", None)
        if encoder is not None and hasattr(encoder, SAMPLED):
            self._begin, self._sample = encoder.sam2_model.init_state, getattr(encoder, SAMPLED)
            encoder.sam2_model.init_state = self._state
            setattr(encoder, SAMPLED, self._sample_once)
        elif encoder is not None:
            self._begin = encoder.get_sam2_embeddings
            encoder.get_sam2_embeddings = self._state

    @classmethod
    def of(cls, model: Any) -> SegmenterFrames | None:  # noqa: ANN401
        """Put one into the model; None where its code has no such place."""
        return cls(model) if hasattr(getattr(model, PLACE, None), "apply_image") else None

    def open(self, video: Video) -> None:
        """The frames are those of `video` from now on."""
        self.close()
        self._video = video

    def begin(self) -> None:
        """The next picture is the first of a question."""
        self._next = 0

    def close(self) -> None:
        """Let go of the video."""
        self._video, self._ready, self._features, self._sampled = None, {}, Features(), None

    def apply_image(self, frame: Frame) -> Frame:
        """The next frame of the open video, as the model's own code prepares it; with none open, what is given."""
        if self._video is None:
            prepared: Frame = self._original.apply_image(frame)
            return prepared
        index, self._next = self._next, self._next + 1
        if index not in self._ready:
            self._ready[index] = self._original.apply_image(self._video.frame(index))
        return self._ready[index]

    def _state(self, images: Any) -> Any:  # noqa: ANN401 - tensors
        """A new SAM 2 state for a [SEG], which looks at the features that are kept of the open video's frames."""
        return self._begin(images) if self._video is None else State(self._begin(images), self._features)

    def _sample_once(self, images: Any) -> Any:  # noqa: ANN401 - tensors
        """The features of the frames that Sa2VA-i samples: the same ones for every [SEG] of the open video."""
        if self._video is None:
            return self._sample(images)
        if self._sampled is None:
            self._sampled = self._sample(images)
        return self._sampled
