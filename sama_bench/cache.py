"""The cache folder, and small files in it that save work; losing any of them costs only time."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from sama_bench import atomic


def cache_folder() -> Path:
    """The folder for what can be made again: $SAMA_BENCH_CACHE or the user's own one.

    Where that cannot be written to, a temporary folder that goes with the process.
    """
    return _usable(os.environ.get("SAMA_BENCH_CACHE", ""))


def load(name: str) -> object:
    """What `save` wrote under this name; None where that is absent or damaged."""
    try:
        digest, _, content = (cache_folder() / name).read_bytes().partition(b"\n")
        return json.loads(content) if digest.decode() == _digest(content) else None
    except (OSError, ValueError, RecursionError):
        return None


def save(name: str, value: object) -> None:
    """Keep a JSON value under a name, whole or not at all; a full or locked disk is no error here."""
    content = json.dumps(value, separators=(",", ":")).encode()
    try:
        atomic.write_bytes(cache_folder() / name, _digest(content).encode() + b"\n" + content)
    except OSError:
        return


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@lru_cache
def _usable(asked: str) -> Path:
    import platformdirs

    folder = Path(asked).absolute() if asked else platformdirs.user_cache_path("sama-bench")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        temporary = Path(tempfile.mkdtemp(prefix="sama-bench-"))
        atexit.register(shutil.rmtree, temporary, ignore_errors=True)
        return temporary
