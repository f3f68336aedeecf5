"""The frequencies of rotary position embeddings stay float32, whatever a model's weights are cast to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("inv_freq", "original_inv_freq")
"""What transformers, and the code that checkpoints bring, call the frequencies: buffers of each such module."""


@contextmanager
def frequencies_kept(model: Any) -> Iterator[None]:  # noqa: ANN401 - any torch.nn.Module
    """While the context is open, `model.to(dtype)` and its like narrow no float32 frequencies of `model`.

    Casting a model casts its buffers, too. In bfloat16 a frequency is off by up to 0.4 %, which a thousand tokens on
    is an angle of its own. transformers computes angles from this buffer at every step (Qwen2 from 4.45 on; up to then
    it looked them up in a table that was made before anything was cast). Frequencies that were narrower already, or
    are made later, are left alone.
    """
    import torch

    before = [
        (module, name, buffer)
        for module in model.modules()
        for name, buffer in module.named_buffers(recurse=False)
        if name in NAMES and buffer.dtype == torch.float32
    ]
    yield
    for module, name, buffer in before:
        now = getattr(module, name)
        if now.dtype != buffer.dtype:
            setattr(module, name, buffer.to(now.device))
