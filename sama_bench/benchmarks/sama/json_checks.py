"""Values that came out of JSON, checked for the shape that they must have."""

from __future__ import annotations

from typing import cast

NAMES = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}


class ShapeError(ValueError):
    """A value has not the shape that is needed; the message names its key and both shapes."""


def text(value: object, key: str) -> str:
    """Text that can be written as UTF-8."""
    if not isinstance(value, str):
        raise _wrong(value, key, "text")
    try:
        value.encode()
    except UnicodeEncodeError as problem:
        raise ShapeError(f"{key} holds half a character (a lone surrogate), expected text") from problem
    return value


def listing(value: object, key: str) -> list[object]:
    """Return the list, of anything."""
    if not isinstance(value, list):
        raise _wrong(value, key, "a list")
    return value


def mapping(value: object, key: str) -> dict[str, object]:
    """Return the object, of anything."""
    if not isinstance(value, dict):
        raise _wrong(value, key, "an object")
    return cast("dict[str, object]", value)


def entry(value: object, index: int, key: str) -> object:
    """Entry `index` of a list that must be long enough."""
    entries = listing(value, key)
    if index >= len(entries):
        raise ShapeError(f"{key} has {len(entries)} entries, expected at least {index + 1}")
    return entries[index]


def identifier(value: object, key: str) -> str:
    """An id, given as text or as a whole number, as text."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _wrong(value, key, "a whole number or text")
    return text(str(value), key)


def below(value: object, key: str) -> str:
    """A path that, as it is written, stays below the folder it starts from."""
    path = text(value, key)
    if path[:1] == "/" or path[1:2] == ":" or "\\" in path or "\0" in path or ".." in path.split("/"):
        raise ShapeError(f"{key} is {brief(path)}, expected a path that stays below the benchmark's folder")
    return path


def brief(value: str) -> str:
    """Text for a message: quoted, control characters escaped, cut to 80 characters."""
    return repr(value if len(value) <= 80 else value[:79] + "…")


def _wrong(value: object, key: str, expected: str) -> ShapeError:
    if value is None:
        return ShapeError(f"{key} is missing or null, expected {expected}")
    kind = "a number with a fraction" if isinstance(value, float) else NAMES[type(value)]
    return ShapeError(f"{key} is {kind}, expected {expected}")
