"""The other Python: found, tried, and told what it lacks."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.installation import package_source
from sama_bench.worker.bootstrap import PIECES

OLDEST = (3, 10)
PROBE_SECONDS = 30.0
PROBE = "import sys; sys.stdout.write('Python %d.%d.%d' % sys.version_info[:3])"  # of any version, however old
ANSWER = re.compile(rb"Python (\d+)\.(\d+)\.(\d+)")


def usable(python: Path) -> str:
    """The path of the interpreter `python` (a path, or a command that is looked up), made absolute.

    Links are not followed: what a virtual environment's `python` is, its place says. Raises UserError where nothing is
    there, it cannot be run, is no Python, does not answer, or is older than 3.10.
    """
    if not hasattr(os, "fork"):
        raise UserError("--python needs Linux or macOS")
    path = _path_of(python)
    version = _version(path)
    if version < OLDEST:
        version_text = ".".join(map(str, version))
        raise UserError(f"{path}: is Python {version_text}, expected {'.'.join(map(str, OLDEST))} or later")
    return path


def _path_of(python: Path) -> str:
    path = python.expanduser()
    if path.is_dir():
        inside = next(
            (candidate for candidate in (path / "bin" / "python", path / "python") if candidate.exists()), None
        )
        hint = f", did you mean {inside}?" if inside else ""
        raise UserError(f"{python}: is a folder, expected a Python interpreter{hint}")
    if not path.exists():
        on_path = shutil.which(str(path))
        if on_path is None:
            raise UserError(f"{python}: there is no such Python; expected its path, e.g. /path/to/venv/bin/python")
        path = Path(on_path)
    if not os.access(path, os.X_OK):
        raise UserError(f"{python}: may not be run (not executable)")
    return str(path.absolute())


def _version(python: str) -> tuple[int, ...]:
    """What the interpreter says that it is; it gets its own group, so that nothing of it is left where it hangs."""
    command = [python, "-S", "-c", PROBE]
    try:
        process = subprocess.Popen(  # noqa: S603 - it is what the user named
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as problem:
        raise UserError(f"{python}: cannot be run ({problem.strerror or problem}); expected a Python") from problem
    with process:
        try:
            output, _ = process.communicate(timeout=PROBE_SECONDS)
        except BaseException as problem:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if not isinstance(problem, subprocess.TimeoutExpired):
                raise
            raise UserError(f"{python}: did not say within {PROBE_SECONDS:g} s which Python it is") from problem
    answer = ANSWER.fullmatch(output)
    if answer is None:
        shown = " ".join(output.decode("utf-8", "replace").split())[:100]
        raise UserError(f"{python}: is no Python (asked which, it said {shown!r} with status {process.returncode})")
    return tuple(map(int, answer.groups()))


def installing(python: str, missing: Sequence[str] = ()) -> str:
    """The pip line that brings the worker, or only what is `missing` of what it needs, into an interpreter."""
    pip = f"{shlex.quote(python)} -m pip install"
    if missing:
        return f"{pip} {' '.join(missing)}"
    return f"{pip} {' '.join(PIECES.values())} && {pip} --no-deps {shlex.quote(package_source())}"
