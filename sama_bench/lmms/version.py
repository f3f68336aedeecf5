"""Which lmms-eval this was tried with."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from itertools import takewhile

TRIED = "0.7.3"
# The packages of 0.7 to 0.7.2 lack files that their own tasks include: nothing of them runs but from a checkout.
RANGE = ">=0.7.3,<0.8"
FROM, BEFORE = (0, 7, 3), (0, 8)


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
    found = installed()
    if found is not None and not FROM <= _numbers(found) < BEFORE:
        told = f"lmms-eval {found} is installed, this was tried with {TRIED}"
        print(f"sama-bench: {told}; if it fails: pip install 'lmms-eval{RANGE}'", file=sys.stderr)


def _numbers(said: str) -> tuple[int, ...]:
    parts = said.partition("+")[0].split(".")
    return tuple(int(part) for part in takewhile(str.isdecimal, parts))
