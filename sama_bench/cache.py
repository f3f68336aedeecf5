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

from sama_bench.files import atomic

ADVICE = "set SAMA_BENCH_CACHE to a folder that can be written"


def cache_folder() -> Path:
    """The folder for what can be made again: $SAMA_BENCH_CACHE or the user's own one.

    Where that cannot be written to, or there is none, a temporary folder that goes with the process. Raises OSError
    where not even that can be made.
    """
    return _usable(os.environ.get("SAMA_BENCH_CACHE", ""))[0]


def why_not_kept() -> str | None:
    """The reason why the cache folder goes with the process, and what to do about it; None where it is kept."""
    return _usable(os.environ.get("SAMA_BENCH_CACHE", ""))[1]


def load(name: str) -> object:
    """The object that `save` wrote under this name; None where that is absent or damaged."""
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
def _usable(folder_name: str) -> tuple[Path, str | None]:
    """The cache folder, and why it is only temporary where it is."""
    folder = Path(folder_name) if folder_name else _of_user()
    if folder is None:
        return _temporary(), f"there is no home folder to keep a cache in (HOME is not set, or not absolute); {ADVICE}"
    try:
        folder = folder.absolute()  # fails in a folder that was removed
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder, None
    except OSError as problem:
        reason = problem.strerror or str(problem)
        return _temporary(), f"the cache folder {folder} cannot be written ({reason}); {ADVICE}"


def _of_user() -> Path | None:
    """None for a user without a home: unknown to the system and without HOME, as in many containers."""
    import platformdirs

    try:
        folder = platformdirs.user_cache_path("sama-bench")
    except (RuntimeError, KeyError):
        return None
    return folder if folder.is_absolute() else None


def _temporary() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="sama-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
