"""The versions of lmms-eval that this was tried with."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

TRIED = "0.7.3"
# The packages of 0.7 to 0.7.2 lack files that their own tasks include: nothing of them runs but from a checkout.
RANGE = ">=0.7.3,<0.8"


@lru_cache
def installed() -> str | None:
    """The version of lmms-eval that is installed; None where none is."""
    for name in ("lmms-eval", "lmms_eval"):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return None


@lru_cache
def warn_if_untested() -> None:
    """Say once, on stderr, that the installed lmms-eval is none of those that this was tried with."""
    version = installed()
    if version is not None and not _is_tried(version):
        message = f"lmms-eval {version} is installed, this was tried with {TRIED}"
        print(f"sama-bench: {message}; if it fails: pip install 'lmms-eval{RANGE}'", file=sys.stderr)


def _is_tried(number: str) -> bool:
    """True if a version is in the range; a candidate for a release counts as before it, one that is none is not."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion

    try:
        return SpecifierSet(RANGE).contains(number, prereleases=True)
    except InvalidVersion:
        return False
