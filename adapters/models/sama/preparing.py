"""Everything that SAMA or Sa2VA needs is looked for before anything is loaded: all that is missing is told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from sama_bench.adapter import Need
from sama_bench.adapters.models.sama.config import SamaConfig
from sama_bench.adapters.models.sama.question_words import NAME
from sama_bench.adapters.shared import preflight
from sama_bench.adapters.shared.checkpoint import line, whole_folder
from sama_bench.errors import UserError
from sama_bench.installation import pip_line

if TYPE_CHECKING:
    import torch

    from sama_bench.adapters.models.sama.assembled import Assembled

EXTRA = "sama-bench[sama]"
SINCE, BEFORE = (5, 24), (5, 40)
"""Versions of transformers: its modules are driven from outside here, with names that go in 5.40."""
Parts = TypeVar("Parts")
Attention: TypeAlias = Literal["sdpa", "eager", "flash_attention_2"]


@dataclass(frozen=True)
class Ready:
    """A checkpoint that can be loaded: its name for the loader, its config, device and dtype, BERT's folder."""

    source: str
    config: SamaConfig
    device: str
    dtype: str
    bert: Path | None


def look(
    needs: Sequence[Need],
    source: str,
    device: str,
    dtype: str,
    bert: Path | None = None,
    kind: type[SamaConfig] = SamaConfig,
    advice: str = "",
) -> Ready:
    """Look for all that is needed, for a checkpoint whose config.json is to be of this `kind`.

    `advice` is what to do where transformers is too old or too new. Raises one UserError with everything that is
    missing or does not fit.
    """
    others = [text for text in (_unfit_version(advice or pip_line(EXTRA)), _no_vocabulary(bert)) if text]
    ready = preflight.look(needs, source, device, dtype, others=others)
    try:
        config = kind.read(ready.config)
    except UserError as problem:
        raise UserError([f"checkpoint {source}: {text}" for text in problem.problems]) from problem
    return Ready(ready.source, config, ready.device, ready.dtype, bert)


def load(ready: Ready, attention: str) -> Assembled:
    """Load a checkpoint of SAMA. Raises UserError in a line for each thing that does not fit."""

    def assembled(folder: Path, dtype: torch.dtype) -> Assembled:
        from sama_bench.adapters.models.sama.assembled import Assembled
        from sama_bench.adapters.models.sama.question_words import vocabulary

        words = vocabulary(ready.bert, folder)
        return Assembled.load(folder, words, ready.config, ready.device, dtype, attention)

    return loaded(ready, attention, assembled)


def loaded(ready: Ready, attention: str, load_parts: Callable[[Path, torch.dtype], Parts]) -> Parts:
    """What `load_parts` makes of the checkpoint's folder. Raises UserError with a line for each thing that is wrong."""
    import torch

    if attention == "flash_attention_2" and find_spec("flash_attn") is None:
        raise UserError("attention=flash_attention_2: needs the package flash_attn, which is not installed")
    try:
        folder = Path(whole_folder(ready.source))
        return load_parts(folder, getattr(torch, ready.dtype))
    except UserError as problem:
        raise UserError([_problem_of(ready, text) for text in problem.problems]) from problem
    except Exception as problem:  # of PyTorch, transformers, the hub and safetensors: they share no base
        raise UserError(f"checkpoint {ready.source}: does not load ({line(problem)})") from problem


def _problem_of(ready: Ready, problem: str) -> str:
    return problem if NAME in problem or problem.startswith("bert=") else f"checkpoint {ready.source}: {problem}"


def _no_vocabulary(bert: Path | None) -> str:
    """The problem of the folder that is to have BERT's vocabulary, where one is named; '' if there is none."""
    if bert is None or (bert.expanduser() / "vocab.txt").is_file():
        return ""
    return f"bert={bert}: has no vocab.txt of {NAME}"


def _unfit_version(advice: str) -> str:
    try:
        installed = version("transformers")
    except PackageNotFoundError:
        return ""
    version_numbers = tuple(int(part) for part in re.findall(r"\d+", installed)[:2])
    if SINCE <= version_numbers < BEFORE:
        return ""
    expected = f"{SINCE[0]}.{SINCE[1]} or later, before {BEFORE[0]}.{BEFORE[1]}"
    return f"transformers {installed} is installed, expected {expected}: {advice}"
