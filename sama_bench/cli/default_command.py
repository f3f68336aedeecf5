"""A group of commands whose own name is a command, too: `judge RUN …` beside `judge agreement …`."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from sama_bench.suggestions import nearest


class DefaultGroup(click.Group):
    """A group that gives what does not begin with a subcommand's name to its command `default`.

    The command is named by the attribute and is no subcommand itself; `--help` shows its options and the subcommands.
    Make the group with `context_settings={"ignore_unknown_options": True}`: the default command may begin with one.
    """

    default: click.Command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The subcommand that the first word names, or the default one with all words."""
        if args and self.get_command(ctx, args[0]) is not None:
            return super().resolve_command(ctx, args)
        word = args[0] if args else ""
        hint = nearest(word, self.list_commands(ctx)) if word.isidentifier() else ""
        if hint and not Path(word).exists():
            raise click.UsageError(f"{word!r} is no command and no folder{hint}", ctx)
        return "", self.default, args

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """What the first word may be: a subcommand, or the first word of the default command."""
        items = super().shell_complete(ctx, incomplete)
        argument = next((one for one in self.default.params if isinstance(one, click.Argument)), None)
        return items if argument is None or items else argument.shell_complete(ctx, incomplete)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the default command's help, and the subcommands with their lines."""
        default_context = click.Context(self.default, info_name=ctx.info_name, parent=ctx.parent)
        self.default.format_usage(default_context, formatter)
        self.default.format_help_text(default_context, formatter)
        self.default.format_options(default_context, formatter)
        self.format_commands(ctx, formatter)
        self.format_epilog(ctx, formatter)
