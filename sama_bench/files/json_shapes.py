"""Check of JSON against the shape of a dataclass: fields there and of their types, all that is wrong told at once.

A shape is a dataclass whose annotations say what JSON has to hold: nothing is converted (`"1"` and `true` are no
numbers), and what no field is named after is left alone, as a newer version may have written it. Ranges, and what has
to agree, are checked by whoever knows them.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from reprlib import Repr
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sama_bench.errors import UserError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Kind = TypeVar("Kind")
STEPS = 8  # of a place are shown
ROUNDING = 1e-6
BEGINNING = "Input should be "
_short = Repr()
_short.maxstring = _short.maxother = 60
_short.maxlevel = 2


def shaped(kind: type[Kind], text: str | bytes) -> Kind:
    """An object of the dataclass `kind` made of a JSON text. Raises UserError with each problem as `WHAT at WHERE`."""
    from pydantic import ValidationError

    try:
        return cast("Kind", _adapter(cast("Hashable", kind)).validate_json(text, strict=True))
    except ValidationError as problem:
        raise UserError(map(_problem_text, problem.errors(include_url=False))) from problem


def shaped_value(kind: type[Kind], value: object) -> Kind:
    """An object of the dataclass `kind` made of what `json_files` gave. Raises UserError as `shaped` does."""
    return shaped(kind, json.dumps(value))


def damaged(path: Path, problems: Iterable[str], again: str) -> UserError:
    """The problems of one file, each with its name before it and behind it how to get rid of them."""
    return UserError(f"{path}: damaged: {problem}; {again}" for problem in problems)


def at(*steps: object) -> str:
    """A place in a document: ` at protocols.paper.g.mean`, '' for the document as a whole."""
    texts = [_step(step) for step in steps[:STEPS]] + ["…"] * (len(steps) > STEPS)
    return f" at {'.'.join(texts)}" if texts else ""


def short(value: object) -> str:
    """A value of a document in some dozens of characters, on one line and without anything a terminal would obey."""
    return _short.repr(value)


def beyond(values: Mapping[str, float], least: float, most: float, *where: object) -> Iterator[str]:
    """The problem of each value that does not lie within the ends, but for rounding, in the mapping at `where`."""
    for name, value in values.items():
        if not least - ROUNDING <= value <= most + ROUNDING:
            yield f"{short(value)} is not within {least:g} and {most:g}{at(*where, name)}"


@lru_cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(cast("type[Any]", kind))


def _problem_text(problem: Mapping[str, Any]) -> str:
    place, message = problem["loc"], str(problem["msg"])
    if problem["type"] == "missing":
        return f"{_step(place[-1])} is missing{at(*place[:-1])}"
    if message.startswith(BEGINNING):
        return f"{short(problem['input'])} is not {message.removeprefix(BEGINNING)}{at(*place)}"
    return f"{message[:200]}{at(*place)}"


def _step(step: object) -> str:
    text = str(step)[:61]
    text = text if text.isprintable() else repr(text)[1:-1]
    return text if len(text) <= 60 else f"{text[:59]}…"
