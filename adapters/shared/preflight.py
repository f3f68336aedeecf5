"""Everything that a model needs is looked for before anything is loaded: all that is missing is told at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sama_bench.adapter import Need
from sama_bench.adapters.shared.checkpoint import DTYPES, HUB_ID, config_of, found_at, has, no_device
from sama_bench.adapters.shared.folder_parts import Files
from sama_bench.errors import UserError
from sama_bench.installation import pip_line

USUAL = Files()


@dataclass(frozen=True)
class Ready:
    """A checkpoint that can be loaded: its name for the loader, its config.json, device, dtype."""

    source: str
    config: dict[str, Any]
    device: str
    dtype: str


def look(
    needs: Sequence[Need],
    source: str,
    device: str,
    dtype: str,
    *,
    others: Collection[str] = (),
    half: str = "bfloat16",
    files: Files = USUAL,
    parts: Callable[[dict[str, Any]], list[str]] | None = None,
) -> Ready:
    """Look for modules, checkpoint and device; `others` are problems that were found already.

    `files` are what a checkpoint's folder has to have, and whether it has to be one. `parts` says what is wrong with
    what the checkpoint's config names in turn, such as the weights of a vision tower.

    `auto` is CUDA where there is one, and `half` on it, float32 elsewhere. Raises one UserError with everything that is
    wrong, and how to mend it.
    """
    unmet = [need for need in needs if not need.met]
    pip = pip_line(*(need.pip for need in unmet))
    problems = [f"not installed: {', '.join(need.module for need in unmet)}: {pip}"] if unmet else []
    problems += others
    config, of_checkpoint = _config(source, files)
    of_parts = parts(config) if parts and config else []
    problems += [f"checkpoint {source}: {text}" for text in (*of_checkpoint, *of_parts)]
    if dtype not in DTYPES:
        problems.append(f"dtype={dtype}: expected {', '.join(DTYPES)}")
    if Need("torch", "").met and (problem_of_device := no_device(device)):
        problems.append(f"device={device}: {problem_of_device}")
    if problems:
        raise UserError(problems)
    device = device if device != "auto" else "cuda" if has("cuda") else "cpu"
    kind = dtype if dtype != "auto" else half if device.startswith("cuda") else "float32"
    folder = Path(source).expanduser()
    return Ready(str(folder.resolve()) if folder.is_dir() else source, config, device, kind)


def on_cuda(device: str) -> bool:
    """True if this device is, or comes to, CUDA; False for `auto` where PyTorch is not installed or finds none."""
    return device.startswith("cuda") or (device == "auto" and Need("torch", "").met and has("cuda"))


def _config(source: str, files: Files) -> tuple[dict[str, Any], list[str]]:
    """The content of config.json, {} where it cannot be had, and all that is wrong with the checkpoint."""
    folder = Path(source).expanduser()
    local = bool(source) and (folder / "config.json").is_file()
    if not files.hub and not local:
        return {}, ["is no folder with a config.json; these weights cannot be had from the hub"]
    if not folder.is_dir() and HUB_ID.fullmatch(source) and not Need("huggingface_hub", "").met:
        return {}, []  # it comes with transformers, which is told to be missing
    problems: list[str] = []
    try:
        folder = found_at(source, files.parts)
    except UserError as problem:
        problems += problem.problems
        if not local:
            return {}, problems
    try:
        return config_of(folder), problems
    except UserError as problem:
        return {}, [*problems, *problem.problems]
