"""SAMA's checkpoint: everything that may be missing is looked for before anything is loaded."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sama_bench.adapters.base import Need
from sama_bench.adapters.checkpoint import DTYPES, config_of, found_at, has, line, no_device
from sama_bench.adapters.sama import bert, checkout
from sama_bench.adapters.sama.device import meaning
from sama_bench.errors import UserError

# Releases whose `transformers.modeling_utils` still has the pruning helpers that the checkout's qformer.py imports.
SINCE, BEFORE = (4, 37), (4, 56)
TRUST = (
    "brings code of its own (auto_map), which would run on this machine with your rights; "
    "--trust-remote-code allows that, if you trust its authors"
)


@dataclass(frozen=True)
class Found:
    """What is to be loaded, and onto what; `folder` holds the config, `source` is what transformers is told."""

    source: str
    device: str
    dtype: str


@dataclass(frozen=True)
class Loaded:
    """The model in evaluation mode on `device`, and its tokenizer."""

    model: Any
    tokenizer: Any
    device: str


def look(
    needs: Sequence[Need], source: str, device: str, dtype: str, *, repo: str, bert_folder: str, trust: bool
) -> Found:
    """Look for all that SAMA needs. Raises one UserError with everything that is missing, and how to get each."""
    problems: list[str] = []
    if unmet := [need for need in needs if not need.met]:
        problems.append(f"not installed: {', '.join(need.module for need in unmet)}: pip install '{unmet[0].pip}'")
    problems += [one for one in (_unfit_version(), checkout.problem_of(repo), bert.problem_of(bert_folder)) if one]
    try:
        config = config_of(found_at(source))
        if not trust and "auto_map" in config:
            problems.append(f"checkpoint {source}: {TRUST}")
    except UserError as problem:
        problems += [f"checkpoint {source}: {one}" for one in problem.problems]
    if dtype not in DTYPES:
        problems.append(f"dtype={dtype}: expected {', '.join(DTYPES)}")
    if not any(need.module == "torch" for need in unmet) and (wrong := no_device(device)):
        problems.append(f"device={device}: {wrong}")
    if problems:
        raise UserError(problems)
    return _resolved(source, device, dtype)


def _resolved(source: str, device: str, dtype: str) -> Found:
    device = device if device != "auto" else "cuda" if has("cuda") else "cpu"
    folder = Path(source).expanduser()
    kind = dtype if dtype != "auto" else "bfloat16" if device.startswith("cuda") else "float32"
    return Found(str(folder) if folder.is_dir() else source, device, kind)


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


def load(found: Found, repo: Path, bert_folder: str) -> Loaded:
    """Load model and tokenizer by the checkpoint's own code. Raises UserError in one line where that fails."""
    import torch
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    told: Any = logging
    told.set_verbosity_error()
    checkout.make_importable(repo)
    dtype = getattr(torch, found.dtype)
    try:
        with warnings.catch_warnings(), bert.standing_in(bert_folder), meaning(found.device):
            warnings.simplefilter("ignore")  # of the code's own; what matters is raised
            tokenizer = AutoTokenizer.from_pretrained(found.source, trust_remote_code=True)
            model = AutoModel.from_pretrained(
                found.source,
                torch_dtype=dtype,
                use_flash_attn=found.device.startswith("cuda"),
                trust_remote_code=True,
            )
        model = model.eval().to(found.device)
        # Said before the first question, or the code makes bfloat16 of everything.
        model.preparing_for_generation(tokenizer, torch_dtype=dtype)
    except Exception as problem:  # of transformers, the hub, the checkpoint's code: they share no base
        raise UserError(f"checkpoint {found.source}: does not load ({line(problem)})") from problem
    _same_type(model)
    _on_device(model, found.device)
    _quiet(model)
    return Loaded(model, tokenizer, found.device)


def _on_device(model: Any, device: str) -> None:  # noqa: ANN401 - the checkpoint's own class
    """The code's SAM 2 states say that they are on CUDA, whatever the model is on."""
    import torch

    encoder = model.grounding_encoder
    own = encoder.get_sam2_embeddings

    def state(images: Any) -> Any:  # noqa: ANN401 - tensors
        made = own(images)
        made["device"] = made["storage_device"] = torch.device(device)
        return made

    encoder.get_sam2_embeddings = state


def _quiet(model: Any) -> None:  # noqa: ANN401 - the checkpoint's own class
    """The code draws a progress bar for every [SEG], over the run's own."""
    module = sys.modules[type(model.grounding_encoder.sam2_model).__module__]
    if hasattr(module, "tqdm"):
        module.tqdm = lambda steps, **_: steps  # type: ignore[attr-defined]


def _same_type(model: Any) -> None:  # noqa: ANN401 - the checkpoint's own class
    """The code makes bfloat16 of a region's mask, whatever the model's type is: pooling takes both in one type."""
    pool = getattr(model, "mask_pooling", None)
    if pool is None:
        return
    own = pool.forward

    def forward(features: Any, mask: Any) -> Any:  # noqa: ANN401 - tensors
        return own(features, mask.to(features.dtype))

    pool.forward = forward
