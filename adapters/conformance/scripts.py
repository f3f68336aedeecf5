"""The authors' own scripts: imported as modules, or run as programs, out of a user's checkout."""

from __future__ import annotations

import io
import os
import runpy
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

from sama_bench.adapters.conformance.recipe import Loaded, Reached
from sama_bench.errors import UserError


def imported(path: Path, aliases: Mapping[str, str] | None = None) -> Loaded:
    """The script as a module, without what it does as a program; `aliases` are other names of modules it imports.

    Raises UserError where the file is not there.
    """
    for alias, name in (aliases or {}).items():
        sys.modules.setdefault(alias, import_module(name))
    spec = spec_from_file_location(f"conformance_{'_'.join(path.with_suffix('').parts[-3:])}", _there(path))
    assert spec is not None, "its name ends in .py"
    assert spec.loader is not None, "so it has a loader"
    module = module_from_spec(spec)
    with path_kept():
        spec.loader.exec_module(module)
    return module


def run(path: Path, arguments: Sequence[str], folder: Path) -> None:
    """Run the script as a program with the arguments, in `folder`, until it ends or the model's method is reached.

    What it prints is dropped. Raises UserError where the file is not there, and what the script raises.
    """
    before = Path.cwd()
    os.chdir(folder)
    try:
        with path_kept(), redirect_stdout(io.StringIO()), patch.object(sys, "argv", [str(path), *arguments]):
            runpy.run_path(str(_there(path)), run_name="__main__")
    except Reached:
        pass
    finally:
        os.chdir(before)


@contextmanager
def unneeded(*names: str) -> Iterator[None]:
    """While the context is open, these modules hold whatever is imported of them, and none of it does anything.

    They are what a script imports for training, for metrics or for several machines; a decorator leaves what it is
    given as it is.
    """
    with patch.dict(sys.modules, {name: _Unneeded(name) for name in names}):
        yield


class _Unneeded(ModuleType):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Loaded:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda first=None, *_, **__: first


def _there(path: Path) -> Path:
    if not path.is_file():
        raise UserError(f"{path}: is not there; expected a whole checkout")
    return path


@contextmanager
def path_kept(*folders: Path) -> Iterator[None]:
    """While the context is open, modules are imported from the folders first; then the path is as it was."""
    before = list(sys.path)
    sys.path[:0] = [str(folder) for folder in folders]
    try:
        yield
    finally:
        sys.path[:] = before
