"""The SAM 2 code that SAMA, Sa2VA and VideoGLaMM bring along: what it takes for granted is set right."""

from __future__ import annotations

import sys
from typing import Any


def put_states_on(owner: Any, name: str, device: str) -> None:  # noqa: ANN401 - the checkpoint's own class
    """Let the states that the method `name` of `owner` makes be on `device`.

    SAM 2's code writes into them that they are on CUDA, whatever the model is on.
    """
    import torch

    original = getattr(owner, name)

    def state(*args: Any, **more: Any) -> Any:  # noqa: ANN401 - tensors and sizes
        new_state = original(*args, **more)
        new_state["device"] = new_state["storage_device"] = torch.device(device)
        return new_state

    setattr(owner, name, state)


def track_in_float32(model: Any, device: str, dtype: Any) -> None:  # noqa: ANN401
    """Let SAM 2 work in float32 where weights are in half precision off CUDA.

    The code mixes types, and counts on CUDA's autocast to bring them together. PyTorch's for the CPU does not.
    """
    import torch

    if torch.device(device).type == "cuda" or dtype == torch.float32:
        return
    encoder = model.grounding_encoder.float()
    encode, track = encoder.sam2_model.forward_image, encoder.language_embd_inference

    def in_float32(words: Any) -> Any:  # noqa: ANN401 - a tensor in Sa2VA-i, elsewhere a list of them
        return [vectors.float() for vectors in words] if isinstance(words, list) else words.float()

    encoder.sam2_model.forward_image = lambda image, **more: encode(image.float(), **more)
    encoder.language_embd_inference = lambda state, words, *more: track(state, in_float32(words), *more)


def quieten(model: Any) -> None:  # noqa: ANN401 - the checkpoint's own class
    """The code draws a progress bar for every [SEG], over the run's own."""
    module = sys.modules[type(model.grounding_encoder.sam2_model).__module__]
    if hasattr(module, "tqdm"):
        module.tqdm = lambda steps, **_: steps  # type: ignore[attr-defined]
