"""`sama-bench completion`: what a shell needs so that it completes commands and what they take."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

PROGRAM, VARIABLE = "sama-bench", "_SAMA_BENCH_COMPLETE"
LINES = {
    "bash": ("~/.bashrc", 'eval "$(sama-bench completion bash)"'),
    "zsh": ("~/.zshrc", 'eval "$(sama-bench completion zsh)"'),
    "fish": ("~/.config/fish/completions/sama-bench.fish", "sama-bench completion fish | source"),
}


@click.command(
    short_help="Print what bash, zsh or fish needs to complete commands.",
    epilog="Example: sama-bench completion bash > sama-bench.bash",
)
@click.argument("shell", required=False, type=click.Choice(list(LINES)))
def completion(shell: str | None) -> None:
    """Print the script that lets SHELL complete commands, options, models, benchmarks, tasks, metrics and runs.

    Without SHELL, say which line to add to which file.
    """
    if shell is None:
        for name, (file, line) in LINES.items():
            click.echo(f"{name}: add to {file} the line\n    {line}")
        return
    from sama_bench.cli.main import cli

    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(cli, {}, PROGRAM, VARIABLE)
    click.echo(script.source_template % script.source_vars())  # source() would ask for bash, which may be elsewhere
