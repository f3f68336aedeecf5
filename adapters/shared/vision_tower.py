"""The vision tower (or encoder) that a checkpoint's config names: it has a folder or an id of the hub of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from sama_bench.adapter import Need
from sama_bench.adapters.shared.checkpoint import HUB_ID, cached_on_hub

FILES = ("config.json", "preprocessor_config.json")
WEIGHTS = ("*.safetensors", "*.bin")


def problems(
    config: dict[str, Any], keys: Sequence[str], kinds: Collection[str] = (), base: Path = Path()
) -> list[str]:
    """The problems of the tower that the first of `keys` in `config` names; [] if nothing, or if none names one.

    It is a folder, or an id of the hub that is on this machine or can be had; its name has one of `kinds` in it, where
    there are any, as the code goes by the name. Relative paths begin at `base`. Nothing is loaded.
    """
    key = next((key for key in keys if config.get(key)), "")
    if not key:
        return []
    name = str(config[key])
    help_text = (
        f"download it where the hub can be reached, and name its folder as {key} in the checkpoint's config.json"
    )
    if kinds and not any(kind in name for kind in kinds):
        return [f"vision tower {name} ({key} of config.json): expected a name with {' or '.join(kinds)} in it"]
    folder = base / name
    if folder.is_dir():
        missing = [file for file in FILES if not (folder / file).is_file()]
        missing += [] if any(any(folder.glob(pattern)) for pattern in WEIGHTS) else [f"weights ({', '.join(WEIGHTS)})"]
        return [f"vision tower {name} ({key} of config.json): has no {' and no '.join(missing)}"] if missing else []
    if not HUB_ID.fullmatch(name):
        return [f"vision tower {name} ({key} of config.json): there is no such folder; {help_text}"]
    if not Need("huggingface_hub", "").met:
        return []  # it comes with transformers, which is told to be missing
    cache_problem = cached_on_hub(name, FILES)
    return [f"vision tower {name} ({key} of config.json): {cache_problem}; {help_text}"] if cache_problem else []
