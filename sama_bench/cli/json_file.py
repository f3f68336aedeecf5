"""Where a command writes JSON when it is asked to with --json."""

from __future__ import annotations

from pathlib import Path

from sama_bench.errors import UserError

STDOUT = "-"


def check_writable(json_path: str | None) -> None:
    """Tell of a folder that does not exist before hours of work, not after: raises UserError."""
    if json_path not in {None, STDOUT}:
        folder = Path(str(json_path)).absolute().parent
        if not folder.is_dir():
            raise UserError(f"--json {json_path}: there is no folder {folder}; make it first")
        if Path(str(json_path)).is_dir():
            raise UserError(f"--json {json_path}: is a folder, expected the name of a file")


def write(path: Path, content: bytes) -> None:
    """Write a whole file, or leave what was there; raises UserError where it cannot be written."""
    from sama_bench.atomic import write_bytes

    try:
        write_bytes(path, content)
    except OSError as problem:
        raise UserError(f"{path}: cannot be written ({problem.strerror or problem})") from problem
