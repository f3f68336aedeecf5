"""What commands that ask a judge say on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sama_bench.judge.session import Done


def echo_error(line: str) -> None:
    """Print a line on stderr."""
    click.echo(line, err=True)


def exit_status(done: Done) -> int:
    """Say on stderr what the server failed with, and give the exit status."""
    if not done.failed:
        return 0
    reason, _ = done.failed.most_common(1)[0]
    echo_error(
        f"{done.failed.total()} verdicts are missing, as the server failed, mostly: {' '.join(reason.split())}; "
        "to ask for them, give the same command again"
    )
    return 1
