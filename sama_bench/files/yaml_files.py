"""YAML that a person wrote: read within the bounds of `json_files`, or refused in one line.

Apart from JSON, as a light install, which runs a model for another interpreter, has no PyYAML.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from sama_bench.files.json_files import DEPTH, LARGEST, ContentError, check_bounds, first_twice, read_whole, text_of

# What PyYAML raises beside its own: for `2024-13-45`, `!!bool x`, `!!timestamp x`, `!!int ""`.
BAD_YAML = (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError)


def read_yaml(path: Path, largest: int = LARGEST, *, again: str = "") -> object:
    """Read a YAML file; `again` is how to get one in its place.

    Raises UserError, which names the file, where it cannot be read or `parse_yaml` refuses it.
    """
    return read_whole(path, again, largest, parse_yaml)


def parse_yaml(content: bytes | str) -> object:
    """The value of a YAML text, a byte order mark left away; None where it is empty. Raises ContentError."""
    text = text_of(content)
    try:
        value = _Loader(text).get_single_data()
    except ContentError:
        raise
    except RecursionError as problem:
        raise ContentError(f"is nested deeper than {DEPTH}") from problem
    except BAD_YAML as problem:
        raise ContentError(f"is not YAML ({' '.join(str(problem).split())})") from problem
    check_bounds(value)
    return value


class BoundedLoader(yaml.SafeLoader):
    """YAML's safe loader, which stops at a nesting that is too deep: it would take minutes until Python stops it."""

    def fetch_flow_collection_start(self, TokenClass: type[yaml.Token]) -> None:  # noqa: N803 - PyYAML's name
        """Go one level down within brackets. Raises ContentError."""
        if self.flow_level >= DEPTH:
            raise ContentError(f"is nested deeper than {DEPTH}")
        super().fetch_flow_collection_start(TokenClass)


class _Loader(BoundedLoader):
    """The bounded loader, which moreover takes no key twice: of two values one would be lost in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        twice = first_twice(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"{twice!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)
