"""The user's checkout of SAMA, of which the released model code imports two files."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

# The package that holds them; its own `__init__` would import what training needs (xtuner, mmengine, mmcv).
PACKAGE = "projects.llava_sam2.models"
NEEDED = ("qformer.py", "utils.py")
CLONE = "git clone https://github.com/sunye23/SAMA"


def problem_of(repo: str) -> str:
    """What is wrong with the folder that is said to be the checkout; '' where nothing is."""
    if not repo:
        return f"the checkout of SAMA's code is needed: {CLONE}, then --model-arg repo=SAMA"
    folder = Path(repo).expanduser() / Path(*PACKAGE.split("."))
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    return f"repo={repo}: has no {folder / missing[0]}; expected a checkout: {CLONE}" if missing else ""


def make_importable(repo: Path) -> None:
    """Let `projects.llava_sam2.models.X` be imported from the checkout, without running that package's `__init__`.

    Nothing is put on `sys.path`, and no other module of the checkout can be imported.
    """
    parts = PACKAGE.split(".")
    for count in range(1, len(parts) + 1):
        name = ".".join(parts[:count])
        if name not in sys.modules:
            package = ModuleType(name)
            package.__path__ = [str(repo.joinpath(*parts[:count]))]
            sys.modules[name] = package
