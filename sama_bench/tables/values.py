"""Numbers as tables show them: values of 0…1 in percent with two decimals, a dash where there is none."""

from __future__ import annotations

EMPTY = "–"


def percent(value: float | None, digits: int = 2) -> str:
    """Write a value of 0…1 in percent: `51.20`."""
    return EMPTY if value is None else points(100 * value, digits)


def points(value: float, digits: int = 2) -> str:
    """Write a value that is in percent, or in a unit of its own, already."""
    return f"{value:.{digits}f}"


def signed_percent(value: float | None, digits: int = 2) -> str:
    """Write a difference of values of 0…1 in percent, with its sign: `-1.40`."""
    return EMPTY if value is None else f"{100 * value:+.{digits}f}"


def interval(ends: tuple[float, float] | None, digits: int = 2, *, scale: float = 100.0) -> str:
    """Write the ends of an interval, times `scale`: `[48.90, 53.41]`."""
    if ends is None:
        return EMPTY
    low, high = ends
    return f"[{points(scale * low, digits)}, {points(scale * high, digits)}]"


def half_width(ends: tuple[float, float]) -> str:
    """Write half of the width of an interval of values of 0…1 in percent: `±2.25`."""
    low, high = ends
    return f"±{points(50 * (high - low))}"


def p_value(p: float | None) -> str:
    """Write a p-value with four decimals: `0.0312`."""
    return EMPTY if p is None else f"{p:.4f}"
