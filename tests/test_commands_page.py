"""docs/commands.md is what the commands' --help says."""

import os
from pathlib import Path

import click
import pytest

from sama_bench.cli.main import cli

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
HEAD = """# Commands

What `sama-bench COMMAND --help` says, for each command. The exit status is 0 where all is well, 1 where a check did
not hold, 2 for bad usage or input, 3 where `gate` cannot tell, 70 for a fault of sama-bench itself, 130 after Ctrl-C,
141 where nobody reads the output any more.
"""


def page():
    context = click.Context(cli, info_name="sama-bench", max_content_width=110, help_option_names=["-h", "--help"])
    return HEAD + "".join(_sections(cli, context))


def _sections(group, parent):
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        context = click.Context(command, info_name=name, parent=parent)
        context.terminal_width = 110
        for kept in (command, getattr(command, "default", command)):
            kept._help_option = None  # click keeps it as the first call made it, which another test may have been
        heading = context.command_path.removeprefix("sama-bench ")
        yield f"\n## {heading}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"
        if isinstance(command, click.Group):
            yield from _sections(command, context)


@pytest.mark.skipif(not PAGE.parent.exists(), reason="documentation is not installed")
def test_the_page_is_what_the_commands_say():
    if os.environ.get("SAMA_BENCH_RENEW_GOLDEN"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
