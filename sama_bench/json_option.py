"""The option --json, the same in all commands: alone, or with -, it writes to stdout; with a name to that file.

On stdout nothing else stands then.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from sama_bench.errors import UserError

STDOUT = "-"
Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(what: str) -> Callable[[Command], Command]:
    """The option of a command that can write `what` as JSON; the command gets `json_path`, None where it shall not."""

    def checked(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
        check_writable(value)
        return value

    return click.option(
        "--json",
        "json_path",
        metavar="[OUT]",
        is_flag=False,
        flag_value=STDOUT,
        default=None,
        callback=checked,
        help=f"Write {what} as JSON: to the file OUT, or to stdout (- or nothing).",
    )


def check_writable(json_path: str | None, option: str = "--json ") -> None:
    """Tell of a folder that does not exist before hours of work, not after: raises UserError, with the option."""
    if json_path not in {None, STDOUT}:
        folder = Path(str(json_path)).absolute().parent
        if not folder.is_dir():
            raise UserError(f"{option}{json_path}: there is no folder {folder}; make it first")
        if Path(str(json_path)).is_dir():
            raise UserError(f"{option}{json_path}: is a folder, expected the name of a file")


def put(json_path: str | None, content: bytes) -> bool:
    """Write `content` where --json says, if anywhere; whether it went to stdout, where nothing else may stand then."""
    if json_path == STDOUT:
        click.echo(content, nl=False)
        return True
    if json_path is not None:
        write(Path(json_path), content)
    return False


def write(path: Path, content: bytes) -> None:
    """Write a whole file, or leave what was there; raises UserError where it cannot be written."""
    from sama_bench.files.atomic import write_bytes

    try:
        write_bytes(path, content)
    except OSError as problem:
        raise UserError(f"{path}: cannot be written ({problem.strerror or problem})") from problem
