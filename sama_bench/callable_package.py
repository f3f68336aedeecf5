"""Rooms whose name the front door has for a function: `sama_bench.score` is a package, and is called like one."""

from __future__ import annotations

import sys
from inspect import Signature, signature
from types import ModuleType

import sama_bench


class CallableRoom(ModuleType):
    """A package that, when called, is the function of its name in `sama_bench.FRONT_DOOR`."""

    @property
    def __signature__(self) -> Signature:
        return signature(sama_bench.function(self.__name__.rpartition(".")[2]))

    def __call__(self, *args: object, **options: object) -> object:
        """Call the function of the same name; `help(sama_bench.NAME)` is that of the package."""
        return sama_bench.function(self.__name__.rpartition(".")[2])(*args, **options)


def make_callable(name: str) -> None:
    """Let the package `name`, which is being imported, be called: its name in the parent is that of the function, too.

    Python puts a package that it imports into the parent, where it would stand in the function's place.
    """
    sys.modules[name].__class__ = CallableRoom
