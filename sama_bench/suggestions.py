"""What may have been meant by a mistyped name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str], prefix: str = "") -> str:
    """The names that are near, as the end of a sentence: `, did you mean a or b?`; '' where none is."""
    by_lower: dict[str, str] = {}
    for one in known:
        by_lower.setdefault(one.lower(), one)
    near = [prefix + by_lower[one] for one in get_close_matches(name.lower(), list(by_lower))]
    return f", did you mean {' or '.join(near)}?" if near else ""
