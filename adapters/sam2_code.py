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


def quieten(model: Any) -> None:  # noqa: ANN401 - the checkpoint's own class
    """The code draws a progress bar for every [SEG], over the run's own."""
    module = sys.modules[type(model.grounding_encoder.sam2_model).__module__]
    if hasattr(module, "tqdm"):
        module.tqdm = lambda steps, **_: steps  # type: ignore[attr-defined]
