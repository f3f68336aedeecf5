"""Where runs are put when nobody says where."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

RUNS = Path("runs")


def usual_folder(parts: Iterable[str]) -> Path:
    """The folder in ./runs that is called by these parts, each with `_` for what a file's name had better not hold."""
    return RUNS / "-".join(re.sub(r"[^\w.+-]+", "_", part) for part in parts)
