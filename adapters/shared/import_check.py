"""Check of imports in the files of a folder: all that is not installed at once, not one by one as they are run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path


def not_installed(folder: Path, modules: Iterable[str]) -> list[str]:
    """The top-level modules that cannot be found of those which `modules` below `folder`, and what they import, import.

    Only what a file imports whenever it is run counts: not what stands in functions, `try` or `if`. Nothing is run.
    """
    seen: set[str] = set()
    missing_modules: set[str] = set()
    left = list(modules)
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        path, top = file_of(folder, name), name.partition(".")[0]
        if path is not None:
            left += _imported(path, name)
        elif not (folder / top).is_dir() and file_of(folder, top) is None and not _importable(top):
            missing_modules.add(top)
    return sorted(missing_modules)


def file_of(folder: Path, name: str) -> Path | None:
    """The file of the module `name` below `folder`; None where there is none."""
    path = folder.joinpath(*name.split("."))
    return next((file for file in (path / "__init__.py", path.with_name(f"{path.name}.py")) if file.is_file()), None)


def _imported(path: Path, name: str) -> Iterator[str]:
    """The full names of the modules that a file may import, with those of the packages that they lie in."""
    try:
        statements = ast.parse(path.read_bytes()).body
    except (SyntaxError, ValueError):  # it is told by whoever runs it
        return
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for statement in statements:
        if isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom):
            above = package[: len(package) - statement.level + 1] if statement.level else []
            base = [*above, *filter(None, (statement.module or "").split("."))]
            names = [".".join([*base, alias.name]) for alias in statement.names]
        else:
            continue
        for name_in_statement in names:
            yield from _with_parents(name_in_statement)


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])


def _importable(top: str) -> bool:
    try:
        return find_spec(top) is not None
    except ValueError:  # a module that was put there by hand, as stand-ins are
        return True
