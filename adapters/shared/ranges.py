"""Ranges of model arguments."""

from __future__ import annotations

from sama_bench.errors import UserError


def positive(name: str, value: int) -> int:
    """The number, from 1 to 999999; raises UserError where it is another."""
    if not 0 < value < 10**6:
        raise UserError(f"{name}={value}: expected a whole number from 1 to 999999")
    return value


def not_negative(name: str, value: float) -> float:
    """The number, 0 or more and below a million; raises UserError where it is another."""
    if not 0 <= value < 10**6:
        raise UserError(f"{name}={value:g}: expected a number, 0 or more")
    return value
