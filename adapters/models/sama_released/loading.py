"""SAMA's checkpoint: everything that may be missing is looked for before anything is loaded."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, redirect_stdout
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sama_bench.adapter import Need
from sama_bench.adapters.models.sama_released import bert, checkout
from sama_bench.adapters.shared.checkpoint import whole_folder
from sama_bench.adapters.shared.preflight import Ready
from sama_bench.adapters.shared.preflight import look as look_for
from sama_bench.adapters.shared.rotary import frequencies_kept
from sama_bench.adapters.shared.sam2_code import put_states_on, quieten, track_in_float32
from sama_bench.adapters.shared.third_party_code import TRUST, loading, with_all_weights
from sama_bench.errors import UserError

# From 4.51 on models are built without memory, and the released code asks one of their tensors for its value. What
# SAMA_4B asks of transformers' cache has gone in 4.49.
SINCE, BEFORE, BEFORE_PHI3 = (4, 42), (4, 51), (4, 49)
PHI3 = "Phi3ForCausalLM"
MISMATCH = "Shape mismatch"


@dataclass(frozen=True)
class Loaded:
    """The model in evaluation mode on `device`, and its tokenizer."""

    model: Any
    tokenizer: Any
    device: str
    said: list[str]
    """What the code would have printed; whoever asks a question empties it."""

    def check_seen(self) -> None:
        """Raise RuntimeError where the code said that it left out all that it saw, and answered all the same."""
        if any(MISMATCH in printed_line for printed_line in self.said):
            raise RuntimeError(f"the model saw nothing of the video: {' '.join(self.said)[-300:]}")


def look(
    needs: Sequence[Need],
    source: str,
    device: str,
    dtype: str,
    *,
    repo: Path | None,
    bert_folder: Path | None,
    trust: bool,
) -> Ready:
    """Look for all that SAMA needs. Raises one UserError with everything that is missing, and how to get each."""
    others = [_unfit_version(BEFORE), checkout.problem_of(repo), bert.problem_of(bert_folder)]
    if not trust:
        others.append(f"checkpoint {source}: {TRUST}")
    ready = look_for(needs, source, device, dtype, others=[text for text in others if text])
    if PHI3 in str(ready.config.get("llm_config")) and (version_problem := _unfit_version(BEFORE_PHI3)):
        raise UserError(f"checkpoint {source}: its language model is {PHI3}; {version_problem}")
    return ready


def _unfit_version(before: tuple[int, int]) -> str:
    try:
        installed = version("transformers")
    except PackageNotFoundError:
        return ""
    numbers = tuple(int(part) for part in installed.split(".")[:2] if part.isdecimal())
    if SINCE <= numbers < before:
        return ""
    return (
        f"transformers {installed} is installed, and SAMA's code needs one from {SINCE[0]}.{SINCE[1]} to before "
        f"{before[0]}.{before[1]}: set up an interpreter of its own and name it with --python (docs/sama.md)"
    )


def load(ready: Ready, repo: Path, bert_folder: Path | None) -> Loaded:
    """Load model and tokenizer by the checkpoint's own code. Raises UserError in one line where that fails."""
    import logging as records

    import torch
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    library_logging: Any = logging
    library_logging.set_verbosity_error()
    records.getLogger("transformers_modules").setLevel(records.ERROR)
    checkout.make_importable(repo)
    dtype = getattr(torch, ready.dtype)
    with loading(ready.source, ready.device), bert.standing_in(bert_folder), checkout.growing_plainly(), _unprinted():
        folder = whole_folder(ready.source)
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
        loaded = AutoModel.from_pretrained(
            folder, torch_dtype=dtype, use_flash_attn=ready.device.startswith("cuda"), trust_remote_code=True,
            output_loading_info=True,
        )  # fmt: skip
        model = with_all_weights(loaded, ready.source).eval().to(ready.device)
        # Said before the first question, or the code makes bfloat16 of everything. It casts the model, buffers and all;
        # with the transformers that SAMA pins, angles do not come from those.
        with frequencies_kept(model):
            model.preparing_for_generation(tokenizer, torch_dtype=dtype)
        _same_type(model)
        put_states_on(model.grounding_encoder, "get_sam2_embeddings", ready.device)
        track_in_float32(model, ready.device, dtype)
        quieten(model)
    return Loaded(model, tokenizer, ready.device, _listen(model))


def _unprinted() -> AbstractContextManager[Any]:
    """Drop what the code prints while it is imported: it is of no use to anyone."""
    return redirect_stdout(io.StringIO())


def _listen(model: Any) -> list[str]:  # noqa: ANN401 - the checkpoint's own class
    """A list of the lines that the code would print from now on."""
    printed_lines: list[str] = []
    module: Any = sys.modules[type(model).__module__]
    module.print = lambda *words, **_: printed_lines.append(" ".join(map(str, words)))
    return printed_lines


def _same_type(model: Any) -> None:  # noqa: ANN401 - the checkpoint's own class
    """The code makes bfloat16 of a region's mask, whatever the model's type is: pooling takes both in one type."""
    pool = getattr(model, "mask_pooling", None)
    if pool is None:
        return
    original = pool.forward

    def forward(features: Any, mask: Any) -> Any:  # noqa: ANN401 - tensors
        return original(features, mask.to(features.dtype))

    pool.forward = forward
