"""What keeps an environment from being made is known before anything is installed, as far as it can be."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

TRIED = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
PATIENCE = 30
"""Seconds within which an interpreter has to say what it is."""
_release = re.compile(r"release (\d+)")


def interpreter(version: str) -> str:
    """An interpreter of this version ("3.10") that can make environments; '' where there is none.

    Looked for on the PATH, this one itself, and among those of pyenv, whose `python3.10` on the PATH may do nothing.
    """
    return next((path for path in _candidates(version) if _answers(path, version)), "")


def _candidates(version: str) -> Iterator[str]:
    name = f"python{version}"
    yield from filter(None, [shutil.which(name)])
    if version == "{}.{}".format(*sys.version_info):
        yield sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/{name}")))


def _answers(path: str, version: str) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - an interpreter of this machine
            [path, "-c", TRIED], capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == version


def too_little_room(folder: Path, gigabytes: float) -> str:
    """The problem of the disk that `folder` will be on; '' where it has so many GB, or nobody knows."""
    there = next(parent for parent in folder.absolute().parents if parent.is_dir())
    free = shutil.disk_usage(there).free / 1e9
    return f"{there} has {free:.1f} GB free; expected {gigabytes} GB" if free < gigabytes else ""


def cannot_compile(cuda: str) -> str:
    """The reason why nothing can be compiled against this CUDA ("12") here; '' where it can."""
    home = os.environ.get("CUDA_HOME")
    nvcc = shutil.which("nvcc", path=f"{home}/bin") if home else shutil.which("nvcc")
    if nvcc is None:
        return "there is no nvcc here"
    try:
        done = subprocess.run([nvcc, "--version"], capture_output=True, text=True, check=False, timeout=PATIENCE)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return f"{nvcc} does not run"
    release = _release.search(done.stdout)
    if release and release[1] != cuda:
        return f"nvcc here is of CUDA {release[1]}, its PyTorch of CUDA {cuda}"
    return ""
