"""Arguments of a constructor: what its annotations and docstrings say of them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from sama_bench.run.value_types import Kind, ValueType, shown, value_type

TRUST = "trust_remote_code"  # given by a flag of the command, never as an argument
MISSING: Any = inspect.Parameter.empty
"""Instead of an annotation or a default where there is none."""


@dataclass(frozen=True)
class Argument:
    """An argument of a constructor. `default` is MISSING where it must be given; `about` is '' where nothing says."""

    name: str
    type: ValueType
    default: object = MISSING
    about: str = ""

    @property
    def required(self) -> bool:
        """Whether the user must give it."""
        return self.default is MISSING

    @property
    def shown_default(self) -> str:
        """The default as a user would write it; '' where it is None, or the argument must be given."""
        return "" if self.required else shown(self.default)

    def __str__(self) -> str:
        return self.name if self.required else f"{self.name}={self.shown_default}"


def arguments(class_: type) -> list[Argument]:
    """List the arguments that a user can give a class, in the constructor's order; [] where there are none."""
    kinds, about = annotated_types(class_), _descriptions(class_)
    return [
        Argument(
            parameter.name,
            value_type(kinds.get(parameter.name, MISSING)),
            parameter.default,
            about.get(parameter.name, ""),
        )
        for parameter in inspect.signature(class_).parameters.values()
        if parameter.kind in {parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY} and parameter.name != TRUST
    ]


def type_of_others(class_: type) -> ValueType | None:
    """The type of arguments that the constructor does not name and takes all the same; None where it takes none."""
    for parameter in inspect.signature(class_).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            return value_type(annotated_types(class_).get(parameter.name, MISSING))
    return None


def takes(class_: type, argument: str) -> bool:
    """Whether the constructor names this argument."""
    return argument in inspect.signature(class_).parameters


def portable(args: Mapping[str, object]) -> dict[str, object]:
    """The arguments as JSON can hold them, for a process that reads them itself."""
    plain = (str, int, float, list, tuple, type(None))
    return {name: value if isinstance(value, plain) else str(value) for name, value in args.items()}


def annotated_types(class_: type) -> dict[str, Kind]:
    """The constructor's annotations; one that cannot be evaluated, as its names are for type checkers, is left out."""
    constructor: Any = class_.__init__  # type: ignore[misc]  # of the class, as it is called
    try:
        return get_type_hints(constructor)
    except Exception:  # a stranger's annotation may raise anything
        names = getattr(inspect.unwrap(constructor), "__globals__", {})
    kinds: dict[str, Kind] = {}
    for name, written in getattr(constructor, "__annotations__", {}).items():
        holder = type("holder", (), {"__annotations__": {name: written}})
        try:
            kinds |= get_type_hints(holder, globalns=names)
        except Exception:  # noqa: S112 - it is as if it were not there
            continue
    return kinds


def _descriptions(class_: type) -> dict[str, str]:
    """What docstrings say of each argument, in a line, below `Args:`: the constructor's, the class's, its bases'."""
    entries: dict[str, str] = {}
    for source in (class_.__init__, *class_.__mro__):  # type: ignore[misc]
        for name, line in _documented(inspect.cleandoc(source.__doc__ or "")).items():
            entries.setdefault(name, line)
    return entries


def _documented(text: str) -> dict[str, str]:
    """The entries of a docstring's `Args:`, {name: what it says}; {} where it has none."""
    _, _, section = f"\n{text}".partition("\nArgs:\n")
    entries: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if line and not line.startswith(" "):
            break
        if entry := re.fullmatch(r"    \**(\w+)(?: \([^)]*\))?: (.*)", line):
            name = entry[1]
            entries[name] = entry[2].strip()
        elif name:
            entries[name] = f"{entries[name]} {line.strip()}".strip()
    return entries
