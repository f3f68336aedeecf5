"""Cache of what one video needs: the released code computes it for every question, or for every [SEG].

Everything hangs on the loaded model's own objects and is taken off again; the user's files and the classes stay as they
are. What is kept is what the code computed, so its answers are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sama_bench.adapters.shared.sam2_features import Features, State
from sama_bench.frames import Frame


class Once:
    """The work of one open video, kept for its questions. `counts` says how often each part was really done."""

    def __init__(self, model: Any, frames: Sequence[Any], device: str) -> None:  # noqa: ANN401
        """Hang onto `model`; `frames` are the pictures that every `predict_forward` of this video gets, in order."""
        self._model, self._frames, self._device = model, frames, device
        self._undo: list[Callable[[], None]] = []
        self.counts = dict.fromkeys(("resized", "transformed", "vit", "spatial", "sam2"), 0)
        self._features = Features()
        self._resized: dict[int, Any] = {}
        self._replace(model, "transformer", _Remembered(model.transformer, self._count("transformed")))
        self._replace(model, "extra_image_processor", _StandIn())
        self._replace(model, "extract_feature", _Same(model.extract_feature, self._count("vit")))
        bert = model.spatial_Qformer.bert
        self._replace(bert, "forward", _Same(bert.forward, self._count("spatial"), "encoder_hidden_states"))
        encoder = model.grounding_encoder
        self._stack = encoder.preprocess_image
        self._replace(encoder, "preprocess_image", lambda image: image.float())
        self._begin = encoder.get_sam2_embeddings
        self._replace(encoder, "get_sam2_embeddings", self._state)
        sam2 = encoder.sam2_model
        self._replace(sam2, "forward_image", _counting(sam2.forward_image, self._count("sam2")))

    def end(self) -> None:
        """Take everything off the model again, and let go of what was kept."""
        while self._undo:
            self._undo.pop()()
        self._features.clear()
        self._resized.clear()

    def _state(self, stand_ins: Any) -> Any:  # noqa: ANN401 - tensors
        """A new SAM 2 state that looks at this video's frames, and at the features that are kept of them."""
        return State(self._begin(_Images(self, len(stand_ins))), self._features)

    def image(self, index: int) -> Any:  # noqa: ANN401 - a tensor
        """Frame `index` as SAM 2 takes it: (3, 1024, 1024) on the device, in the model's dtype."""
        import torch

        if index not in self._resized:
            self.counts["resized"] += 1
            resized = self._processor.apply_image(np.array(self._frames[index]))
            pixels = torch.from_numpy(resized).permute(2, 0, 1).contiguous()
            self._resized = {index: self._stack(pixels).to(self._model.torch_dtype).to(self._device)}
        return self._resized[index]

    def _replace(self, owner: Any, name: str, new: Any) -> None:  # noqa: ANN401 - any object of the model's
        """Give `owner` an attribute of its own, and remember how to have the old one back."""
        was_set = name in vars(owner)
        old = vars(owner).get(name)
        if name == "extra_image_processor":
            self._processor = getattr(owner, name)
        object.__setattr__(owner, name, new)
        self._undo.append(lambda: object.__setattr__(owner, name, old) if was_set else object.__delattr__(owner, name))

    def _count(self, counter: str) -> Callable[[], None]:
        def count() -> None:
            self.counts[counter] += 1

        return count


class _StandIn:
    """In place of resizing every frame for every question: a single pixel, as the true one is made when needed."""

    def apply_image(self, _: Frame) -> Frame:
        return np.zeros((1, 1, 3), np.uint8)


class _Remembered:
    """A function of one picture; pictures are told apart by being the same object, which the open video holds."""

    def __init__(self, function: Callable[[Any], Any], count: Callable[[], None]) -> None:
        self._function, self._count = function, count
        self._known: dict[int, tuple[Any, Any]] = {}

    def __call__(self, picture: Any) -> Any:  # noqa: ANN401
        if id(picture) not in self._known:
            self._count()
            self._known[id(picture)] = picture, self._function(picture)
        return self._known[id(picture)][1]


class _Same:
    """A function whose result is given again where its tensor (the first argument, or `name`) is the same as before."""

    def __init__(self, function: Callable[..., Any], count: Callable[[], None], name: str = "") -> None:
        self._function, self._count, self._name = function, count, name
        self._known: Any = None
        self._result: Any = None

    def __call__(self, *args: Any, **more: Any) -> Any:  # noqa: ANN401
        import torch

        tensor = more[self._name] if self._name else args[0]
        known = self._known
        same = known is not None and known.shape == tensor.shape and known.dtype == tensor.dtype
        if not (same and torch.equal(known, tensor)):
            self._count()
            self._known, self._result = tensor, self._function(*args, **more)
        return self._result


def _counting(function: Callable[..., Any], count: Callable[[], None]) -> Callable[..., Any]:
    def counted(*args: Any, **more: Any) -> Any:  # noqa: ANN401
        count()
        return function(*args, **more)

    return counted


class _Images:
    """The frames of a state: made when one is asked for, which is when its features are not kept."""

    def __init__(self, video: Once, length: int) -> None:
        self._video, self._length = video, length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> Any:  # noqa: ANN401
        return self._video.image(index)
