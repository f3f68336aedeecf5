"""The user's checkout of SAMA, of which the released model code imports two files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partialmethod
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any

# The package that holds them; its own `__init__` would import what training needs (xtuner, mmengine, mmcv).
PACKAGE = "projects.llava_sam2.models"
NEEDED = ("qformer.py", "utils.py")
CLONE = "git clone https://github.com/sunye23/SAMA"


def problem_of(repo: Path | None) -> str:
    """The problem of the folder that is said to be the checkout; '' where nothing is wrong."""
    if repo is None:
        return f"the checkout of SAMA's code is needed: {CLONE}, then --model-arg repo=SAMA"
    folder = repo.expanduser() / Path(*PACKAGE.split("."))
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


@contextmanager
def growing_plainly() -> Iterator[None]:
    """While open, BERT's embeddings grow by the tokens that the code adds without a look at the old ones.

    transformers takes their mean and covariance from 4.46 on; while a checkpoint is loaded they are memory that nothing
    was written to, and 4.47 and 4.48 end the process on that (segmentation fault). The weights come afterwards anyway.
    """
    kind: Any = getattr(import_module(f"{PACKAGE}.qformer"), "BertLMHeadModel", None)
    original = getattr(kind, "resize_token_embeddings", None)
    if original is None or "mean_resizing" not in signature(original).parameters:
        yield
        return
    kind.resize_token_embeddings = partialmethod(original, mean_resizing=False)
    try:
        yield
    finally:
        del kind.resize_token_embeddings  # what it inherits is there again
