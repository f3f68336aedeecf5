"""The options of commands that score."""

from __future__ import annotations

import click

PHRASES = click.option(
    "--phrases", metavar="NAME", help="How phrases are compared: words, exact, …  [default: paper bert, strict minilm]"
)
SHOW_ALL = click.option(
    "--all", "show_all", is_flag=True, help="Print all metrics of all protocols, and what each lacks."
)
PROCESSES = click.option(
    "--processes", type=click.IntRange(1), metavar="N", help="Processes that compare masks.  [default: one a core]"
)
