"""Where this package came from, and the pip lines that bring what is missing.

The package may be on no registry, so no line names it: an extra is written out as the packages that it stands for, and
the package itself as the checkout or address that it was installed from.
"""

from __future__ import annotations

import json
import re
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

import sama_bench

NAME = "sama-bench"
_EXTRAS = re.compile(rf"{NAME}\[([\w,-]+)\]")


def pip_line(*requirements: str) -> str:
    """The command that installs `requirements`; `sama-bench[EXTRA]` stands for the packages of that extra.

    A requirement that is a whole command (`pip install …`) is that command; commands are joined by `&&`.
    """
    commands = [requirement for requirement in requirements if requirement.startswith("pip install ")]
    packages = dict.fromkeys(
        package for requirement in requirements if requirement not in commands for package in _packages(requirement)
    )
    if packages:
        commands.insert(0, f"pip install {' '.join(map(_quoted, packages))}")
    return " && ".join(commands)


def package_source() -> str:
    """What pip takes to install this package once more: a checkout's folder, an address, or name and version."""
    checkout = Path(sama_bench.__file__).resolve().parent.parent
    if (checkout / "setup.cfg").is_file():
        return str(checkout)
    return _recorded_source() or f"{NAME}=={sama_bench.__version__}"


def _packages(requirement: str) -> list[str]:
    """The packages of `requirement`: those of its extras where it is this package, otherwise itself."""
    extras = _EXTRAS.fullmatch(requirement)
    if extras is None:
        return [requirement]
    try:
        declared = distribution(NAME).requires or []
    except PackageNotFoundError:
        return [requirement]
    wanted = {f'extra == "{extra}"' for extra in extras[1].split(",")}
    packages = [line.partition(";")[0].strip() for line in declared if any(extra in line for extra in wanted)]
    return packages or [requirement]


def _recorded_source() -> str:
    """Where pip installed this package from (PEP 610): a folder that is still there, or an address; else nothing."""
    try:
        record = json.loads(distribution(NAME).read_text("direct_url.json") or "{}")
        url = str(record["url"])
    except (PackageNotFoundError, ValueError, KeyError, TypeError):
        return ""
    if "vcs_info" in record:
        return f"{record['vcs_info']['vcs']}+{url}@{record['vcs_info']['commit_id']}"
    if not url.startswith("file:"):
        return url
    path = Path(unquote(urlsplit(url).path))
    return str(path) if path.exists() else ""


def _quoted(package: str) -> str:
    """`package` as a shell takes it; `<` and `>` need quotes there."""
    return package if shlex.quote(package) == package else f"'{package}'"
