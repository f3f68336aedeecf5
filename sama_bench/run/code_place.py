"""Where in the model's own code an exception came from, by its traceback."""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path

import sama_bench

FRAME = re.compile(r'^  File "(?P<file>.+)", line (?P<line>\d+), in ', re.MULTILINE)
OURS = str(Path(sama_bench.__file__).parent)
# Where libraries lie, here and in any other Python.
LIBRARIES = re.compile(r"[/\\](site-packages|dist-packages|lib[/\\]python\d[^/\\]*)[/\\]")


def place_in(traceback: str) -> str:
    """The last line in a traceback that is neither ours nor a library's; else the last that is not ours; else ''."""
    frames = [(match["file"], match["line"]) for match in FRAME.finditer(traceback)]
    standard = sysconfig.get_paths()["stdlib"]
    others = [(file, line) for file, line in frames if not file.startswith((OURS, "<"))]
    users = [(file, line) for file, line in others if not file.startswith(standard) and not LIBRARIES.search(file)]
    last = next(iter([*users[-1:], *others[-1:]]), None)
    return "" if last is None else f"{last[0]}:{last[1]}"
