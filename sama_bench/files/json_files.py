"""JSON that a person or a program left on disk: read whole, within bounds, or refused in one line.

What passes here can be walked, printed and written again: it is UTF-8, no key stands twice in one object, it is not
nested deeper than `DEPTH`, every number is finite and every whole number fits 64 bits. Shapes are checked by whoever
knows them. YAML within the same bounds: `yaml_files`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from sama_bench.errors import UserError
from sama_bench.files.opening import open_regular

LARGEST = 64 << 20  # bytes
DEPTH = 64
VALUES = 5_000_000  # YAML's aliases let a short text stand for many more
BITS = 63
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class ContentError(ValueError):
    """The text is not what its format asks for, or out of bounds; the message says what and where."""


def read_json(path: Path, largest: int = LARGEST, *, again: str = "") -> object:
    """Read a JSON file; `again` is how to get one in its place.

    Raises UserError, which names the file, where it cannot be read or `parse_json` refuses it.
    """
    return read_whole(path, again, largest, parse_json)


def parse_json(content: bytes | str) -> object:
    """The value of a JSON text, a byte order mark left away. Raises ContentError, also for NaN and Infinity."""
    text = text_of(content)
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except ContentError:
        raise
    except RecursionError as problem:
        raise ContentError(f"is nested deeper than {DEPTH}") from problem
    except ValueError as problem:
        raise ContentError(f"is not JSON ({problem})") from problem
    check_bounds(value)
    return value


def as_json(value: object, indent: int = 1) -> bytes:
    """A value as the bytes of a JSON file; equal values give equal bytes."""
    return encoded(json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False) + "\n")


def encoded(text: str) -> bytes:
    """JSON as UTF-8, which any reader takes: half a surrogate pair (of a file's name, say) as JSON's escape of it."""
    return text.encode(errors="backslashreplace")


def check_bounds(value: object) -> None:
    """Raise ContentError where a value is nested too deep, or a number is not finite or too large."""
    level: list[object] = [value]
    count = 0
    for _ in range(DEPTH):
        count += len(level)
        if count > VALUES:
            raise ContentError(f"holds more than {VALUES} values")
        level = [inner for outer in level for inner in _inner(outer)]
        if not level:
            return
    raise ContentError(f"is nested deeper than {DEPTH}")


def read_whole(path: Path, again: str, largest: int, parse: Callable[[bytes], object]) -> object:
    """The value that `parse` finds in a plain file of at most `largest` bytes.

    Raises UserError, which names the file, where it cannot be read or `parse` raises ContentError.
    """
    try:
        with open_regular(path) as file:
            content = file.read(largest + 1)
    except (OSError, ValueError) as problem:  # ValueError: a path with a null character
        raise UserError(f"{path}: cannot be read ({getattr(problem, 'strerror', None) or problem})") from problem
    if len(content) > largest:
        raise UserError(f"{path}: is larger than {largest >> 20} MB")
    try:
        return parse(content)
    except ContentError as problem:
        raise UserError(f"{path}: damaged: it {problem}; {again}" if again else f"{path}: {problem}") from problem


def text_of(content: bytes | str) -> str:
    """The text without a byte order mark; raises ContentError where bytes are not UTF-8."""
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        raise ContentError(f"is not UTF-8 (byte {problem.start + 1})") from problem


def _inner(value: object) -> Iterable[object]:
    """The values inside a value, its keys too; raises ContentError for a number or text that is out of bounds."""
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, list | tuple | set):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        raise ContentError("holds a number that is not finite")
    if isinstance(value, int) and value.bit_length() > BITS:
        raise ContentError(f"holds a whole number of {value.bit_length()} bits, expected at most {BITS}")
    if isinstance(value, str) and not value.isascii() and LONE_SURROGATE.search(value):
        raise ContentError("holds half a character (a lone surrogate)")
    return ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ContentError(f"holds {first_twice(name for name, _ in pairs)!r} twice in one object")
    return content


def first_twice(names: Iterable[str]) -> str | None:
    """The first name that stands twice, cut to 80 characters; None where all differ."""
    known: set[str] = set()
    for name in names:
        if name in known:
            return name[:80]
        known.add(name)
    return None


def _refuse_constant(name: str) -> NoReturn:
    raise ContentError(f"is not JSON ({name} is no number)")
