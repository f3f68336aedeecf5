"""The released code writes `.cuda()` where it means the model's device; this says what that is."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def meaning(device: str) -> Iterator[None]:
    """As long as this lasts, `tensor.cuda()` goes to `device`. For one thread; what was there before comes back."""
    import torch

    kind: Any = torch.Tensor
    own = kind.cuda

    def cuda(tensor: Any, *_: Any, non_blocking: bool = False, **__: Any) -> Any:  # noqa: ANN401 - as PyTorch's
        return tensor.to(device, non_blocking=non_blocking)

    kind.cuda = cuda
    try:
        with warnings.catch_warnings():
            # The code asks for CUDA's autocast, which PyTorch leaves out elsewhere, and says so each time.
            warnings.filterwarnings("ignore", message=".*device_type of 'cuda'.*")
            warnings.filterwarnings("ignore", message=".*CUDA is not available.*")
            yield
    finally:
        kind.cuda = own
