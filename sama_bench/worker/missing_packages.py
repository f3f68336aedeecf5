"""What this package needs, and a light install may be without, found missing only when a model asks for it."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec

from sama_bench.errors import MissingExtra

MODULES = {"jpype1": "jpype", "opencv-python-headless": "cv2", "pillow": "PIL", "pyyaml": "yaml"}
"""Modules of requirements that are not called what pip calls them."""
EXTRA = re.compile(r";.*\bextra\b")


def lacking(problem: BaseException) -> MissingExtra | None:
    """What to tell where `problem` comes from the lack of something that an ordinary install brings; else None.

    In an ordinary install it cannot happen. In a light one it would else be the error of every question.
    """
    cause: BaseException | None = problem
    while cause is not None and not isinstance(cause, ModuleNotFoundError):
        cause = cause.__cause__
    module = (cause.name or "").partition(".")[0] if cause is not None else ""
    if not module or module not in (known := _our_packages()) or find_spec(module) is not None:
        return None
    return MissingExtra("this model", [module], known[module])


def _our_packages() -> dict[str, str]:
    """The modules of this package's requirements (not of its extras), with what pip is to be asked for."""
    try:
        lines = [line for line in requires("sama-bench") or () if not EXTRA.search(line)]
    except PackageNotFoundError:
        return {}
    plain = [line.partition(";")[0].replace(" ", "") for line in lines]
    names = [re.split(r"[^\w.-]", line)[0].lower() for line in plain]
    return {MODULES.get(name, name): line for name, line in zip(names, plain, strict=True)}
