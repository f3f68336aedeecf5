"""Running the code of others: a model's repository, or what a checkpoint brings."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from sama_bench.adapters.checkpoint import line
from sama_bench.adapters.device import meaning
from sama_bench.errors import UserError

TRUST = (
    "brings code of its own (auto_map), which would run on this machine with your rights; "
    "--trust-remote-code allows that, if you trust its authors"
)


@contextmanager
def foreign(device: str) -> Iterator[None]:
    """As long as this lasts, `.cuda()` in that code means `device`, and what it warns of is not ours to tell."""
    with warnings.catch_warnings(), meaning(device):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def loading(source: str, device: str) -> Iterator[None]:
    """`foreign`, while the checkpoint `source` is loaded: UserError in one line where that fails."""
    try:
        with foreign(device):
            yield
    except Exception as problem:  # of PyTorch, transformers, the hub and that code: they share no base
        raise UserError(f"checkpoint {source}: does not load ({line(problem)})") from problem
