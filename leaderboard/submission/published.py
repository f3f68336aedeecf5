"""The publishable part of a run's settings: names and plain values, nothing that may be a path or a key."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Arguments that hold keys and places by their very name.
PRIVATE = re.compile(r"key|token|secret|passw|auth|user|url|host|server|address|path|dir|folder|file", re.IGNORECASE)
# Numbers, words, and a hub's ORGANISATION/NAME; a digest may stand behind either.
PLAIN = re.compile(r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*|[A-Za-z0-9+-][\w.+=, -]*)(@[0-9a-f]{6,64})?|", re.ASCII)
# Long runs of letters and digits mixed are keys more often than names.
RANDOM = re.compile(r"(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{24,}")
LONGEST = 200
KIND = re.compile(r"(?:[a-z]+: )?([A-Z]\w*(?:Error|Exception|Exit))(?::|$)", re.ASCII)
UNUSABLE, FAILED = "unusable answer", "error"


def published(values: Mapping[str, object]) -> dict[str, str | None]:
    """The values by name, in the order of the names; None in place of each that is kept back."""
    return {name: _plain(name, str(value)) for name, value in sorted(values.items())}


def kind_of(error: str) -> str:
    """The published part of a question's error: the exception's name, for its message may hold anything."""
    if error.startswith(UNUSABLE):
        return UNUSABLE
    match = KIND.match(error)
    return match[1] if match else FAILED


def _plain(name: str, value: str) -> str | None:
    before = value.partition("@")[0]
    if PRIVATE.search(name) or len(value) > LONGEST or RANDOM.search(before) or not PLAIN.fullmatch(value):
        return None
    return value
