"""Running the code of others: a model's repository, or what a checkpoint brings."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sama_bench.adapters.shared.checkpoint import Loaded, line
from sama_bench.errors import UserError

TRUST = (
    "brings code of its own (auto_map), which would run on this machine with your rights; "
    "--trust-remote-code allows that, if you trust its authors"
)


@contextmanager
def foreign(device: str) -> Iterator[None]:
    """While the context is open, `.cuda()` in that code means `device`, and what it warns of is not ours to tell."""
    with warnings.catch_warnings(), meaning(device):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def loading(source: str, device: str) -> Iterator[None]:
    """`foreign`, while the checkpoint `source` is loaded: UserError in one line where that fails."""
    try:
        with foreign(device):
            yield
    except UserError:
        raise
    except Exception as problem:  # of PyTorch, transformers, the hub and that code: they share no base
        raise UserError(f"checkpoint {source}: does not load ({line(problem)})") from problem


def with_all_weights(loaded: tuple[Loaded, Mapping[str, Collection[str]]], source: str) -> Loaded:
    """The model of what `from_pretrained` gives with `output_loading_info`.

    Raises UserError where a parameter was in no file of the checkpoint: its numbers would be random.
    """
    model, info = loaded
    parameters = {name for name, _ in model.named_parameters()}
    if missing := sorted(parameters.intersection(info["missing_keys"])):
        parts = f"{len(missing)} of {len(parameters)} parts of {type(model).__name__}, such as {missing[0]}"
        raise UserError(f"checkpoint {source}: has no weights for {parts}; expected all, is a file of it missing?")
    return model


@contextmanager
def meaning(device: str) -> Iterator[None]:
    """While the context is open, `tensor.cuda()` goes to `device`. For one thread; what was there before comes back."""
    import torch

    kind: Any = torch.Tensor
    original = kind.cuda

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
        kind.cuda = original
