"""Jinja2 as templates of judges have it: in the sandbox, and within bounds of time and size.

A template may loop, but not for ever, and what it makes has an end: steps and characters of one rendering are counted,
numbers are no larger than any formula needs, and what makes much of little (`'x' * 10**9`, `|center`, `.ljust`) is not
there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

STEPS, CHARACTERS, LARGEST_NUMBER = 20_000, 4_000_000, 1e15
FILTERS = (
    "abs", "capitalize", "count", "d", "default", "e", "escape", "first", "float", "int", "last", "length", "list",
    "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "select", "selectattr", "sort", "striptags", "sum",
    "title", "trim", "truncate", "unique", "upper", "wordcount",
)  # fmt: skip
GROWING = {
    "center", "ljust", "rjust", "zfill", "expandtabs", "format", "format_map", "replace", "join", "translate", "encode",
}  # fmt: skip
SHOWN = (str, int, float, jinja2.Undefined, type(None))


class OutOfBounds(jinja2.TemplateRuntimeError):
    """A template does not come to an end, or makes more than any judge reads."""


@dataclass
class _Left:
    steps: int = STEPS
    characters: int = CHARACTERS


_left: ContextVar[_Left | None] = ContextVar("left", default=None)


@contextmanager
def within_bounds() -> Iterator[None]:
    """Count from here on: one rendering."""
    token = _left.set(_Left())
    try:
        yield
    except RecursionError as problem:
        raise OutOfBounds("it calls itself without an end") from problem
    finally:
        _left.reset(token)


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox with bounds; render inside of `within_bounds`. Raises OutOfBounds, a jinja2.TemplateError."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self) -> None:
        # Nothing here becomes HTML: what is rendered is sent to a judge.
        super().__init__(
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
            finalize=_printable,
        )
        self.globals.pop("lipsum", None)
        more: dict[str, Callable[..., Any]] = {"join": _join, "replace": _replace, "round": _round, "string": _string}
        counting = {"counted": _counted, "together": together}
        self.filters = {name: self.filters[name] for name in FILTERS} | more | counting
        self.concat: Callable[[Iterable[str]], str] = together

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for loop in list(tree.find_all(nodes.For)):
            loop.iter = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
        for chain in list(tree.find_all(nodes.Concat)):
            chain.nodes = [nodes.Filter(nodes.List(chain.nodes), "together", [], [], None, None, lineno=chain.lineno)]
        return tree

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, N805 - jinja2's
        """Call something, which is a step."""
        _step()
        return super().call(__context, __obj, *args, **kwargs)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - jinja2's
        """Calculate with numbers of a formula's size; texts may only be put together."""
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return together((left, right))
        if not all(isinstance(number, (int, float)) and abs(number) <= LARGEST_NUMBER for number in (left, right)):
            raise OutOfBounds(f"{operator} takes numbers, no larger than {LARGEST_NUMBER:g}")
        if operator == "**":
            left, right = float(left), float(right)
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Nothing of numbers, and of texts nothing that makes them longer."""
        if isinstance(obj, (int, float, bytes)) or (isinstance(obj, str) and attr in GROWING):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: object) -> None:  # noqa: ARG002 - jinja2's
        """Texts have no `format` here."""
        return

    def format_string(self, *_: object, **__: object) -> str:
        """Texts have no `format` here."""
        raise OutOfBounds("format is not there")


def together(pieces: Iterable[object]) -> str:
    """Texts put together, with an end. Raises OutOfBounds."""
    texts: list[str] = []
    for piece in pieces:
        text = piece if isinstance(piece, str) else str(_printable(piece))
        _spend(len(text))
        texts.append(text)
    return "".join(texts)


def _printable(value: object) -> object:
    if not isinstance(value, SHOWN):
        raise OutOfBounds(f"a {type(value).__name__} cannot be shown; show its parts")
    return value


def _step() -> None:
    left = _left.get()
    if left is not None:
        left.steps -= 1
        if left.steps < 0:
            raise OutOfBounds(f"it does not come to an end within {STEPS} steps")


def _spend(characters: int) -> None:
    left = _left.get() or _Left()
    left.characters -= characters
    if left.characters < 0:
        raise OutOfBounds(f"it makes more than {CHARACTERS} characters")


def _counted(values: Iterable[Any]) -> list[Any]:
    """The values as a list that took a step for each; what cannot be looped over is jinja2's to tell."""
    values_list = []
    for value in values:
        _step()
        values_list.append(value)
    return values_list


def _join(value: Iterable[object], d: str = "") -> str:
    pieces = _counted(value)
    return together([part for place, piece in enumerate(pieces) for part in ((d, piece) if place else (piece,))])


def _replace(s: object, old: str, new: str) -> str:
    text = together([s])
    _spend(text.count(old) * len(new))
    return text.replace(old, new)


def _round(value: float, precision: int = 0) -> float:
    return float(round(float(value), max(-9, min(9, int(precision)))))


def _string(value: object) -> str:
    return together([value])
