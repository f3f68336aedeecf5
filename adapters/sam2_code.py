"""The SAM 2 code that checkpoints of SAMA and of Sa2VA bring along: what it takes for granted is set right."""

from __future__ import annotations

import sys
from typing import Any


def put_states_on(model: Any, device: str) -> None:  # noqa: ANN401 - the checkpoint's own class
    """The code's SAM 2 states say that they are on CUDA, whatever the model is on."""
    import torch

    encoder = model.grounding_encoder
    own = encoder.get_sam2_embeddings

    def state(images: Any) -> Any:  # noqa: ANN401 - tensors
        made = own(images)
        made["device"] = made["storage_device"] = torch.device(device)
        return made

    encoder.get_sam2_embeddings = state


def mix_types(model: Any, device: str, dtype: Any) -> None:  # noqa: ANN401 - the checkpoint's own class, a torch.dtype
    """Where weights are in half precision off CUDA, let the code track in autocast there, as it does on CUDA.

    It asks for CUDA's alone, and makes float32 of masks, which half-precision weights do not take without.
    """
    import torch

    kind = torch.device(device).type
    if kind == "cuda" or dtype == torch.float32:
        return
    encoder = model.grounding_encoder
    own = encoder.language_embd_inference

    def inference(*args: Any, **more: Any) -> Any:  # noqa: ANN401 - tensors
        with torch.autocast(kind, dtype=torch.bfloat16):
            return own(*args, **more)

    encoder.language_embd_inference = inference


def quieten(model: Any) -> None:  # noqa: ANN401 - the checkpoint's own class
    """The code draws a progress bar for every [SEG], over the run's own."""
    module = sys.modules[type(model.grounding_encoder.sam2_model).__module__]
    if hasattr(module, "tqdm"):
        module.tqdm = lambda steps, **_: steps  # type: ignore[attr-defined]
