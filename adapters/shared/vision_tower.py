"""The vision tower (or encoder) that a checkpoint's config names: it has a folder or an id of the hub of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from sama_bench.adapter import Need
from sama_bench.adapters.shared.checkpoint import HUB_ID, cached_on_hub
from sama_bench.adapters.shared.folder_parts import WEIGHTS_OF_OLD, Part, lacking

PICTURES = "preprocessor_config.json"
FILES = ("config.json", PICTURES)
PARTS = (Part("", (PICTURES,)), WEIGHTS_OF_OLD)


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
        missing = lacking(folder, PARTS)
        return [f"vision tower {name} ({key} of config.json): has no {' and no '.join(missing)}"] if missing else []
    if not HUB_ID.fullmatch(name):
        return [f"vision tower {name} ({key} of config.json): there is no such folder; {help_text}"]
    if not Need("huggingface_hub", "").met:
        return []  # it comes with transformers, which is told to be missing
    cache_problem = cached_on_hub(name, FILES)
    return [f"vision tower {name} ({key} of config.json): {cache_problem}; {help_text}"] if cache_problem else []


def processor_problems(name: str, base: Path) -> list[str]:
    """The problem of a picture processor that a model's code takes from the hub as `name`; [] if it is there.

    Where that code runs in the folder `base`, a folder of this name below it stands for the hub's.
    """
    if (base / name).is_dir():
        missing = [] if (base / name / PICTURES).is_file() else [f"{base / name} has no {PICTURES}"]
    elif Need("huggingface_hub", "").met:
        missing = [problem] if (problem := cached_on_hub(name, (PICTURES,))) else []
    else:
        return []  # it comes with transformers, which is told to be missing
    remedy = f"its code takes it by this name; put {PICTURES} of that repository into {base / name}"
    return [f"image processor {name}: {problem}; {remedy}" for problem in missing]
