"""Types that annotations name: how a user's value, most often a text, becomes one of each."""

from __future__ import annotations

import math
import re
import types
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path, PurePath
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin

from sama_bench.suggestions import nearest

Kind: TypeAlias = Any
"""An annotation as Python evaluates it: a type, `int | None`, `Literal[…]`, `Sequence[…]`."""
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
WHOLE = re.compile(r"[+-]?[0-9]{1,300}")


class Unfit(Exception):
    """A value is not of a type; the text is what was expected."""


@dataclass(frozen=True)
class ValueType:
    """A type: its `name` in a list, what a user is told is `expected`, and how a value is read.

    `read` raises Unfit for a value of another type. `breadth` orders the members of a union: a text is taken for what
    few texts can be before what any can. `choices` are the words that can be given, where there are some.
    """

    name: str
    expected: str
    read: Callable[[object], object]
    breadth: int = 2
    choices: Sequence[str] = ()
    of: type | None = None
    """The Python type, where it is one."""


def value_type(kind: Kind) -> ValueType:
    """The type that an annotation means; texts where it is none of those that are known here."""
    kind = _bare(kind)
    origin: object = get_origin(kind)
    if origin is Literal:
        return _literal(get_args(kind))
    if origin in {Union, types.UnionType}:
        return _union([value_type(member) for member in get_args(kind)])
    if (item := _item(kind, origin)) is not None:
        return _sequence(value_type(item), list if list in {kind, origin} else tuple)
    simple = SIMPLE.get(kind) if isinstance(kind, Hashable) else None
    return simple or _unknown(kind)


def shown(value: object) -> str:
    """A value as a user would write it: true, 0.5, a,b; '' for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return ",".join(map(shown, value))
    return str(value)


def _bare(kind: Kind) -> Kind:
    """The annotation without `Annotated` and NewType around it."""
    while True:
        if hasattr(kind, "__supertype__"):  # typing.NewType
            kind = kind.__supertype__
        elif hasattr(kind, "__metadata__"):  # typing.Annotated
            kind = kind.__origin__
        else:
            return kind


def _item(kind: Kind, origin: object) -> Kind | None:
    """What each value of a sequence of one type is; None where the annotation is no such sequence."""
    inside = get_args(kind)
    if (origin or kind) not in (list, tuple, Sequence) or (origin is tuple and inside[1:] != (...,)):
        return None
    return inside[0] if inside else str


def _literal(values: Sequence[object]) -> ValueType:
    words = [shown(value) or "none" for value in values]

    def read(value: object) -> object:
        for choice in values:
            if str(value) in {str(choice), shown(choice) or "none"}:
                return choice
        raise Unfit(_alternatives(words) + nearest(str(value), words))

    return ValueType(" | ".join(words), _alternatives(words), read, 0, words)


def _union(members: Sequence[ValueType]) -> ValueType:
    in_turn = sorted(members, key=lambda member: member.breadth)
    choices = [choice for member in in_turn for choice in member.choices]
    expected = _alternatives([member.expected for member in members if member.of is not type(None)])

    def read(value: object) -> object:
        # a number of Python's stays one where a text would do, too; and so does an empty text
        exact = not isinstance(value, str) or not value
        for member in sorted(in_turn, key=lambda member: member.of is not type(value)) if exact else in_turn:
            with suppress(Unfit):
                return member.read(value)
        raise Unfit(expected + nearest(str(value), choices))

    names = [name for member in members for name in member.name.split(" | ")]
    return ValueType(" | ".join(dict.fromkeys(names)), expected, read, 2, choices)


def _sequence(item: ValueType, sequence_type: type[list[object]] | type[tuple[object, ...]]) -> ValueType:
    expected = f"values with commas between them, each {item.expected}"

    def read(value: object) -> object:
        parts = value
        if isinstance(value, str):
            parts = [part.strip() for part in value.split(",")] if value.strip() else []
        if not isinstance(parts, list | tuple):
            raise Unfit(expected)
        try:
            return sequence_type(map(item.read, parts))
        except Unfit:
            raise Unfit(expected) from None

    return ValueType(f"{item.name},…", expected, read)


def _unknown(kind: Kind) -> ValueType:
    """No annotation, or one of a stranger's own type: the value's text, as it was before there were types."""
    plain = isinstance(kind, type) and get_origin(kind) is None  # Python 3.10 takes dict[str, int] for a type

    def read(value: object) -> object:
        return value if plain and isinstance(value, kind) else str(value)

    return ValueType("str", "a text (str)", read, 5)


def _truth(value: object) -> bool:
    word = str(value).lower()
    if word not in TRUTHS:
        raise Unfit("true or false (bool)")
    return TRUTHS[word]


def _whole(value: object) -> int:
    if type(value) is not bool and isinstance(value, Integral):
        return int(value)
    if isinstance(value, str) and WHOLE.fullmatch(value.strip()):
        return int(value)
    raise Unfit("a whole number (int)")


def _number(value: object) -> float:
    number = math.nan
    if type(value) is not bool and isinstance(value, Real):
        number = float(value)
    elif isinstance(value, str) and value.isascii() and "_" not in value:
        with suppress(ValueError):
            number = float(value)
    if math.isnan(number):
        raise Unfit("a number (float)")
    return number


def _text(value: object) -> str:
    if isinstance(value, str | Real | PurePath):
        return str(value)
    raise Unfit("a text (str)")


def _path(value: object) -> Path:
    if isinstance(value, str | PurePath) and str(value):
        return Path(value)
    raise Unfit("a path (Path)")


def _nothing(value: object) -> object:
    if value is None or (isinstance(value, str) and value.lower() in {"none", ""}):
        return None
    raise Unfit("none")


SIMPLE: Mapping[Any, ValueType] = {
    bool: ValueType("bool", "true or false (bool)", _truth, of=bool),
    int: ValueType("int", "a whole number (int)", _whole, of=int),
    float: ValueType("float", "a number (float)", _number, of=float),
    Path: ValueType("Path", "a path (Path)", _path, 3, of=type(Path())),
    str: ValueType("str", "a text (str)", _text, 4, of=str),
    None: ValueType("none", "none", _nothing, 1, of=type(None)),
    type(None): ValueType("none", "none", _nothing, 1, of=type(None)),
    Any: ValueType("str", "a text (str)", lambda value: value, 5),
}


def _alternatives(texts: Sequence[str]) -> str:
    several = list(dict.fromkeys(texts))
    return " or ".join([*([", ".join(several[:-1])] if several[1:] else []), several[-1]])
