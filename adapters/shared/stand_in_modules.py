"""Modules that a repository's code imports at its top and never calls: it runs without them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any


@contextmanager
def standing_in(names: Sequence[str]) -> Iterator[None]:
    """While the context is open, the modules `names` can be imported, whatever is imported from them.

    Where the package that they lie in is installed, that is taken. What stands in raises RuntimeError when called.
    """
    tops = {name.partition(".")[0] for name in names}
    absent = {top for top in tops if top not in sys.modules and find_spec(top) is None}
    put = [name for name in dict.fromkeys((*absent, *names)) if name.partition(".")[0] in absent]
    for name in put:
        sys.modules[name] = _StandIn(name)
    try:
        yield
    finally:
        for name in put:
            del sys.modules[name]


class _StandIn(ModuleType):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__spec__ = ModuleSpec(name, None)  # who asks whether it is installed looks at this, and at its metadata
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def missing(*_: Any, **__: Any) -> Any:  # noqa: ANN401
            raise RuntimeError(f"{self.__name__}.{name} was called, and {self.__name__} is not installed")

        return missing
