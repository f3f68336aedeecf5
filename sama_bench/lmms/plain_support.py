"""Check of whether an adapter answers plain questions."""

from __future__ import annotations

from collections.abc import Iterator

from sama_bench.errors import UserError
from sama_bench.run.registry import adapter_class, candidates

THEIRS = "lmms:"


def check_plain(name: str, can: object) -> None:
    """Raise UserError, with those that can, where an adapter answers no plain questions."""
    if not name.startswith(THEIRS) and not getattr(can, "plain", False):
        able = ", ".join([*_able(), f"{THEIRS}NAME"])
        raise UserError(f"adapter {name} answers no plain questions about images, as these tasks ask; these do: {able}")


def _able() -> Iterator[str]:
    for name in candidates():
        try:
            kind = adapter_class(name)
        except UserError:
            continue  # it does not load here
        if getattr(kind.can, "plain", False):
            yield name
