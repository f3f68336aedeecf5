"""Objects of JSON in which a key stands more than once: json keeps the last value and says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class RepeatedKeys:
    """An `object_pairs_hook` that makes the dict that json makes, and notes each key that stands twice in it.

    Use a new one for each text. It is true where anything was noted.
    """

    def __init__(self) -> None:
        self._noted: list[tuple[dict[str, Any], list[str]]] = []

    def __bool__(self) -> bool:
        return bool(self._noted)

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """The object of these pairs."""
        content = dict(pairs)
        if len(content) != len(pairs):
            names = [name for name, _ in pairs]
            self._noted.append((content, [name for name in content if names.count(name) > 1]))
        return content

    def places(self, value: object) -> Iterator[tuple[str, str]]:
        """The place in `value`, of which the noted objects are parts, and the key: `("[2].conversation[0]", "from")`.

        '' is the value itself. An object that is no part of it, as its own key stood twice, is not among them.
        """
        noted = {id(content): names for content, names in self._noted}
        left: list[tuple[str, object]] = [("", value)] if noted else []
        while left:
            place, part = left.pop()
            yield from ((place, name) for name in noted.get(id(part), ()))
            left += reversed(list(_parts(place, part)))


def _parts(place: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield from ((f"{place}.{name}" if place else str(name), part) for name, part in value.items())
    elif isinstance(value, list):
        yield from ((f"{place}[{index}]", part) for index, part in enumerate(value))
