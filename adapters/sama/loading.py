"""SAMA's checkpoint: everything that may be missing is looked for before anything is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sama_bench.adapters.base import Need
from sama_bench.adapters.foreign import TRUST, loading
from sama_bench.adapters.preflight import Ready
from sama_bench.adapters.preflight import look as look_for
from sama_bench.adapters.sam2_code import put_states_on, quieten
from sama_bench.adapters.sama import bert, code

# Releases whose `transformers.modeling_utils` still has the pruning helpers that the checkout's qformer.py imports.
SINCE, BEFORE = (4, 37), (4, 56)


@dataclass(frozen=True)
class Loaded:
    """The model in evaluation mode on `device`, and its tokenizer."""

    model: Any
    tokenizer: Any
    device: str


def look(
    needs: Sequence[Need], source: str, device: str, dtype: str, *, repo: str, bert_folder: str, trust: bool
) -> Ready:
    """Look for all that SAMA needs. Raises one UserError with everything that is missing, and how to get each."""
    others = [_unfit_version(), code.problem_of(repo), bert.problem_of(bert_folder)]
    if not trust:
        others.append(f"checkpoint {source}: {TRUST}")
    return look_for(needs, source, device, dtype, others=[one for one in others if one])


def _unfit_version() -> str:
    try:
        installed = version("transformers")
    except PackageNotFoundError:
        return ""
    numbers = tuple(int(part) for part in installed.split(".")[:2] if part.isdecimal())
    if SINCE <= numbers < BEFORE:
        return ""
    return (
        f"transformers {installed} is installed, and SAMA's code needs one from {SINCE[0]}.{SINCE[1]} to before "
        f"{BEFORE[0]}.{BEFORE[1]}: set up an interpreter of its own and name it with --python (docs/sama.md)"
    )


def load(ready: Ready, repo: Path, bert_folder: str) -> Loaded:
    """Load model and tokenizer by the checkpoint's own code. Raises UserError in one line where that fails."""
    import torch
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    told: Any = logging
    told.set_verbosity_error()
    code.make_importable(repo)
    dtype = getattr(torch, ready.dtype)
    with loading(ready.source, ready.device), bert.standing_in(bert_folder):
        tokenizer = AutoTokenizer.from_pretrained(ready.source, trust_remote_code=True)
        model = AutoModel.from_pretrained(
            ready.source, torch_dtype=dtype, use_flash_attn=ready.device.startswith("cuda"), trust_remote_code=True
        )
        model = model.eval().to(ready.device)
        # Said before the first question, or the code makes bfloat16 of everything.
        model.preparing_for_generation(tokenizer, torch_dtype=dtype)
        _same_type(model)
        put_states_on(model, ready.device)
        quieten(model)
    return Loaded(model, tokenizer, ready.device)


def _same_type(model: Any) -> None:  # noqa: ANN401 - the checkpoint's own class
    """The code makes bfloat16 of a region's mask, whatever the model's type is: pooling takes both in one type."""
    pool = getattr(model, "mask_pooling", None)
    if pool is None:
        return
    own = pool.forward

    def forward(features: Any, mask: Any) -> Any:  # noqa: ANN401 - tensors
        return own(features, mask.to(features.dtype))

    pool.forward = forward
