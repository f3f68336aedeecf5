"""Opening files whose end is sure to come."""

from __future__ import annotations

import errno
import stat
from pathlib import Path
from typing import IO


def open_regular(path: Path) -> IO[bytes]:
    """Open a file for reading its bytes.

    Raises OSError, also where `path` is a folder, or a pipe or device: those may never end, or never begin.
    """
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.EINVAL, "it is a pipe or a device, expected a file", str(path))
    return path.open("rb")
