"""The command `sama-bench`: finds its subcommands by entry points and prints what went wrong in a line."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import traceback
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import click

from sama_bench import __version__
from sama_bench.cli import streams
from sama_bench.cli.completed import complete_words_of
from sama_bench.cli.completion import VARIABLE
from sama_bench.cli.mistyped import with_suggestion
from sama_bench.cli.safe_output import guarded
from sama_bench.errors import Interrupted, UserError

GROUP = "sama_bench.commands"
FAULT = 70  # as EX_SOFTWARE of sysexits.h; no check uses it
ADVICE = {
    errno.ENOSPC: "make room and run again",
    errno.EDQUOT: "make room and run again",
    errno.EFBIG: "make room and run again",
    errno.ENAMETOOLONG: "use a shorter name",
    errno.EACCES: "ask for the permission, or use another place",
    errno.EPERM: "ask for the permission, or use another place",
    errno.EROFS: "use another place",
    errno.EMFILE: "allow more open files (ulimit -n) and run again",
    errno.ENFILE: "end other programs and run again",
    errno.EIO: "check the disk",
}


class Commands(click.Group):
    """A group whose commands are the entry points of `sama_bench.commands`, ours and those of plug-ins alike."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands' names, sorted."""
        return sorted(_entry_points())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now; None where there is no such name, UserError where it does not load."""
        entry = _entry_points().get(cmd_name)
        return None if entry is None else _load(entry)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List each command with its line; a plug-in that does not load is named with its reason, not a crash."""
        rows = []
        for name, entry in sorted(_entry_points().items()):
            try:
                rows.append((name, _load(entry).get_short_help_str(90)))
            except UserError as problem:
                rows.append((name, f"(does not load: {problem})"))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _entry_points() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _load(entry: EntryPoint) -> click.Command:
    try:
        command = entry.load()
    except (Exception, SystemExit) as problem:  # a module may end the process, with any status
        origin = entry.dist.name if entry.dist else entry.value
        raise UserError(f"command {entry.name} of {origin} does not load: {problem!r}") from problem
    if not isinstance(command, click.Command):
        raise UserError(f"command {entry.name}: {entry.value} is no click command")
    if VARIABLE in os.environ:  # the shell asks
        complete_words_of(command)
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
    """Run the command line.

    Status: 0 fine, 1 a check did not hold, 2 bad usage or input, 70 a fault of sama-bench, 130 interrupted, 141 nobody
    reads the output any more.
    """
    streams.prepare()
    with guarded():
        try:
            status = cli.main(prog_name="sama-bench", standalone_mode=False)
            streams.flush()
        except BaseException as problem:  # whatever it is, it gets a status of its own
            status = _status(problem)
        with contextlib.suppress(OSError):
            streams.flush()
    sys.exit(status if isinstance(status, int) else 0)


def _status(problem: BaseException) -> int | str | None:
    """Tell what went wrong, and give the exit status for it."""
    status: int | str | None = 2
    if isinstance(problem, SystemExit) and isinstance(problem.__context__, BrokenPipeError):
        problem = problem.__context__  # click and rich end with 1 then, which a check uses
    match problem:
        case SystemExit():
            status = problem.code
            if isinstance(status, str):
                _tell(status)
                status = 1
        case UserError():
            for line in problem.lines():
                _tell(f"error: {line}")
            status = problem.status
        case click.ClickException():
            with_suggestion(problem)
            problem.show()
            status = problem.exit_code
        case KeyboardInterrupt() | click.Abort():
            interrupt = problem.__cause__ if isinstance(problem, click.Abort) else problem
            _tell(f"interrupted: {interrupt.kept}" if isinstance(interrupt, Interrupted) else "interrupted")
            status = 130
        case BrokenPipeError():
            streams.forget()
            status = 141
        case OSError() if advice := _advice(problem):
            _tell(f"error: {problem.filename or 'the disk'}: {problem.strerror}; {advice}")
        case _:
            _report(problem)
            status = FAULT
    return status


def _advice(problem: OSError) -> str | None:
    """What to do where the machine, and no fault of ours, is in the way; None otherwise."""
    if isinstance(problem, FileNotFoundError) and problem.filename is None and not _in_a_folder():
        problem.filename, problem.strerror = "the current folder", "was removed"
        return "change to another and run again"
    return ADVICE.get(problem.errno or 0)


def _in_a_folder() -> bool:
    try:
        return Path.cwd().is_dir()
    except OSError:
        return False


def _report(problem: BaseException) -> None:
    """Ask for a report, and give what should be in it. Where memory is short there may be only the line."""
    described = " ".join(traceback.format_exception_only(problem)[-1].split())
    _tell(f"error: unforeseen {described}; this is a fault of sama-bench {__version__}: please report it, with")
    with contextlib.suppress(Exception):
        _tell("".join(traceback.format_exception(problem)).rstrip())


def _tell(line: str) -> None:
    """Print to standard error, if there is any."""
    with contextlib.suppress(OSError):
        click.echo(line, err=True)
