"""Fractions as tables write them."""

from __future__ import annotations


def percent(fraction: float, *, signed: bool = False) -> str:
    """A fraction in percent with two decimals, with its sign where it is a difference."""
    return f"{100 * fraction:+.2f}" if signed else f"{100 * fraction:.2f}"
