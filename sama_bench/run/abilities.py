"""What a model cannot do, as names that stand beside its answers; metrics of it have no value."""

from __future__ import annotations

from collections.abc import Iterable

from sama_bench.adapter import Abilities

CANNOT = ("regions", "masks", "text")
EVERYTHING = Abilities()


def cannot(can: Abilities) -> list[str]:
    """The names of what the model cannot do, in the order of `CANNOT`."""
    return [name for name in CANNOT if not getattr(can, name)]


def without(names: Iterable[str]) -> Abilities:
    """A model that can do everything but these; other names count for nothing."""
    return Abilities(**dict.fromkeys(set(CANNOT) & set(names), False))
