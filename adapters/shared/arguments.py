"""Values of model arguments, which come as strings."""

from __future__ import annotations

from collections.abc import Sequence

from sama_bench.errors import UserError


def whole(name: str, value: str) -> int:
    """A whole number from 1 on; raises UserError where `value` is none."""
    if not (value.isascii() and value.isdecimal() and 0 < int(value) < 10**6):
        raise UserError(f"{name}={value}: expected a whole number from 1 to 999999")
    return int(value)


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """`value`, which is one of `allowed`; raises UserError where it is not."""
    if value not in allowed:
        raise UserError(f"{name}={value}: expected {' or '.join(allowed)}")
    return value


def number(name: str, value: str) -> float:
    """A number, 0 or more and below a million; raises UserError where `value` is none."""
    try:
        found = float(value)
    except ValueError:
        found = -1.0
    if not 0 <= found < 10**6:
        raise UserError(f"{name}={value}: expected a number, 0 or more")
    return found
