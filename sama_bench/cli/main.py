"""The command `sama-bench`: finds its subcommands by entry points and prints what went wrong in a line."""

from __future__ import annotations

import errno
import sys
from importlib.metadata import EntryPoint, entry_points

import click

from sama_bench import __version__
from sama_bench.cli.guard import guarded
from sama_bench.errors import UserError

GROUP = "sama_bench.commands"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Commands(click.Group):
    """A group whose commands are the entry points of `sama_bench.commands`, ours and those of plug-ins alike."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands' names, sorted."""
        return sorted(_entry_points())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now; None where there is no such name, UserError where it does not load."""
        entry = _entry_points().get(cmd_name)
        return None if entry is None else _load(entry)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List each command with its line; a plug-in that does not load is named with its reason, not a crash."""
        rows = []
        for name in self.list_commands(ctx):
            try:
                command = self.get_command(ctx, name)
            except UserError as problem:
                rows.append((name, f"(does not load: {problem})"))
            else:
                rows.append((name, command.get_short_help_str(90) if command else ""))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _entry_points() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _load(entry: EntryPoint) -> click.Command:
    try:
        command = entry.load()
    except Exception as problem:
        origin = entry.dist.name if entry.dist else entry.value
        raise UserError(f"command {entry.name} of {origin} does not load: {problem!r}") from problem
    if not isinstance(command, click.Command):
        raise UserError(f"command {entry.name}: {entry.value} is no click command")
    return command


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: sama-bench run --model motion && sama-bench report",
)
@click.version_option(__version__, prog_name="sama-bench")
def cli() -> None:
    """Evaluate video models that answer questions about a region and point back into the video."""


def main() -> None:
    """Run the command line. Status: 0 fine, 1 a check did not hold, 2 bad usage or input, 130 interrupted."""
    with guarded():
        status = _run()
    sys.exit(status if isinstance(status, int) else 0)


def _run() -> object:
    try:
        return cli.main(prog_name="sama-bench", standalone_mode=False)
    except UserError as problem:
        for line in problem.lines():
            click.echo(f"error: {line}", err=True)
        return problem.status
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 141
    except OSError as problem:
        if problem.errno not in FULL:
            raise
        click.echo(f"error: {problem.filename or 'the disk'}: {problem.strerror}; make room and run again", err=True)
        return 2
