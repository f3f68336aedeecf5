"""SAM 3 by text: noun phrases in, the masks of all that they name out. Carion et al.: SAM 3, 2025."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from sama_bench.adapter import Need
from sama_bench.adapters.shared.checkpoint import Dtype, Loaded
from sama_bench.adapters.shared.checkpoint import checkpoint as looked_for
from sama_bench.adapters.shared.feature_cache import ROOM
from sama_bench.adapters.shared.prepared_frames import PreparedFrames
from sama_bench.metrics.rle import encode, union
from sama_bench.types import RLE, Masks, Track, Video

PIP = "sama-bench[sam3]"
NEEDS = (Need("torch", PIP), Need("torchvision", PIP), Need("transformers", PIP))
TOKENS = 32
"""The most tokens of a phrase, with those at its ends: the text encoder knows no place after them."""
Objects: TypeAlias = Literal["union", "best"]
"""Which of the objects that a phrase names are its track: all of them, or the one of the highest mean score."""


class Concepts:
    """Sam3VideoModel of transformers: once loaded, a video after the other, questions of phrases about each.

    `prefix` stands before the names of the arguments in what is refused. Raises UserError where the checkpoint, the
    device or the dtype is not to be had, or transformers is too old.
    """

    def __init__(self, checkpoint: str, device: str, dtype: Dtype, objects: Objects, prefix: str = "") -> None:
        files = looked_for(checkpoint, device, dtype, {"sam3_video"}, since=(5, 0), prefix=prefix)
        import transformers

        self._processor = files.processor(transformers.Sam3VideoProcessor)
        self._model = files.model(transformers.Sam3VideoModel)
        self._objects = objects
        self._cut = 0
        self._frames: PreparedFrames | None = None
        self._features: KeptFeatures | None = None
        self.asking: Mapping[str, str] = {
            "checkpoint": f"{Path(checkpoint).name}@{files.digest}",
            "dtype": files.dtype,
            "objects": objects,
            "kernels": _kernels(),
        }

    def open(self, video: Video) -> None:
        """Begin a video; its frames are decoded and encoded when the first question comes to them."""
        self._frames = PreparedFrames(self._processor, video, self._model.dtype)
        self._features = KeptFeatures(self._frames, type(self._model.detector_model).get_vision_features)

    def close(self) -> None:
        """Let go of the video and of its features."""
        self._frames, self._features = None, None

    def tracks(self, video: Video, phrases: Sequence[str]) -> list[Masks | Track]:
        """One track for each phrase, in order: an RLE or None for every frame; of one that nothing is, None on all."""
        import torch

        short = [self._short(phrase) for phrase in phrases]
        masks_by_phrase: dict[str, dict[int, list[RLE | None]]] = {phrase: {} for phrase in short}
        scores: dict[int, list[float]] = {}
        session = self._session(video)
        assert self._features is not None, "tracks() before open()"
        with torch.inference_mode(), self._features.of(self._model.detector_model):
            self._processor.add_text_prompt(session, list(masks_by_phrase))
            for frame, result in self._outputs(session):
                for phrase, numbers in result["prompt_to_obj_ids"].items():
                    for number in numbers:
                        place = result["object_ids"].tolist().index(number)
                        mask = np.asarray(result["masks"][place].cpu().numpy(), bool)
                        masks_by_phrase[phrase].setdefault(number, [None] * len(video))[frame] = encode(mask)
                        scores.setdefault(number, []).append(float(result["scores"][place]))
        return [self._track(masks_by_phrase[phrase], scores, len(video)) for phrase in short]

    def notes(self) -> Sequence[str]:
        """The number of phrases that were cut, where any was."""
        return [f"{self._cut} phrases were cut at {TOKENS} tokens, as SAM 3 reads no more"] if self._cut else []

    def _session(self, video: Video) -> Loaded:
        """A session of its own for a question, as one that was used keeps objects of before."""
        assert self._frames is not None, "tracks() before open()"
        session = self._processor.init_video_session(
            inference_device=self._model.device,
            inference_state_device="cpu",
            dtype=self._model.dtype,
        )
        session.video_height, session.video_width = video.size
        session.processed_frames = self._frames
        return session

    def _outputs(self, session: Loaded) -> Iterator[tuple[int, Loaded]]:
        """Each frame with what is found on it; only the iterator holds results back until objects are certain."""
        for output in self._model.propagate_in_video_iterator(session):
            yield int(output.frame_idx), self._processor.postprocess_outputs(session, output)

    def _track(
        self, objects: Mapping[int, list[RLE | None]], scores: Mapping[int, Sequence[float]], length: int
    ) -> Masks | Track:
        if not objects:
            return [None] * length
        if self._objects == "union":
            return union(list(objects.values()))
        return objects[max(objects, key=lambda number: (np.mean(scores[number]), -number))]

    def _short(self, phrase: str) -> str:
        """The phrase, without its last words where it has more tokens than the model reads."""
        words = phrase.split()
        while len(words) > 1 and self._tokens(" ".join(words)) > TOKENS:
            words.pop()
        short = " ".join(words)
        while self._tokens(short) > TOKENS:  # one endless word
            short = short[: len(short) * 3 // 4]
        self._cut += short != " ".join(phrase.split())
        return short

    def _tokens(self, text: str) -> int:
        return len(self._processor.tokenizer(text)["input_ids"])


class KeptFeatures:
    """What the detector's image encoder made of each frame of a video, kept in main memory for the next questions.

    transformers 5.24 encodes a frame for every question, whatever features its session holds.
    """

    def __init__(self, frames: PreparedFrames, compute: Callable[..., Loaded], room: int = ROOM) -> None:
        self._frames, self._compute, self._room = frames, compute, room
        self._kept: dict[int, Loaded] = {}

    @contextmanager
    def of(self, detector: Loaded) -> Iterator[None]:
        """While the context is open, `detector` computes no frame's features again."""

        def features(pixel_values: Loaded, **more: Loaded) -> Loaded:
            frame = self._frames.last
            if frame not in self._kept:
                computed = self._compute(detector, pixel_values=pixel_values, **more)
                self._keep(frame, computed)
                return computed
            return _moved(self._kept[frame], pixel_values.device)

        detector.get_vision_features = features
        try:
            yield
        finally:
            del detector.get_vision_features

    def _keep(self, frame: int, computed: Loaded) -> None:
        kept = _moved(computed, "cpu")
        size = sum(part.element_size() * part.nelement() for part in _tensors(kept))
        if size <= self._room:
            self._room -= size
            self._kept[frame] = kept


def _moved(value: Loaded, device: Loaded) -> Loaded:
    """A tensor, a sequence of them or an output of transformers, on the device."""
    if isinstance(value, Mapping):
        return type(value)(**{name: _moved(part, device) for name, part in value.items()})
    if isinstance(value, (list, tuple)):
        return type(value)(_moved(part, device) for part in value)
    return value.to(device) if hasattr(value, "to") else value


def _tensors(value: Loaded) -> Iterator[Loaded]:
    if isinstance(value, (list, tuple, Mapping)):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _tensors(part)
    elif hasattr(value, "nelement"):
        yield value


def _kernels() -> str:
    """Whether NMS, filling of holes and removal of specks take place: transformers leaves them out without kernels."""
    from transformers.models.sam3_video import modeling_sam3_video
    from transformers.utils import logging

    module: Any = modeling_sam3_video
    loggers: Any = logging
    before = loggers.get_verbosity()
    loggers.set_verbosity_error()  # what it warns of stands in the signature
    try:
        module._load_cv_utils_kernel_once()
    finally:
        loggers.set_verbosity(before)
    return "cv-utils" if module.cv_utils_kernel else "missing"
