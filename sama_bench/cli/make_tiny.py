"""`sama-bench make-tiny`: a tiny checkpoint of random weights, to try an adapter in a minute."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import click

from sama_bench.errors import UserError

GROUP = "sama_bench.tiny"


@click.command(
    "make-tiny",
    short_help="Write a tiny checkpoint of random weights, to try an adapter with.",
    epilog="Example: sama-bench make-tiny sama tiny && sama-bench run --model sama --model-arg checkpoint=tiny",
)
@click.argument("model")
@click.argument("out", type=click.Path(path_type=Path))
def make_tiny(model: str, out: Path) -> None:
    """Write a checkpoint for the adapter MODEL to the new folder OUT: all of its parts, tiny and random.

    It shows that everything is installed and works. It is no model: its answers and their scores mean nothing.
    """
    makers = {entry.name: entry for entry in entry_points(group=GROUP)}
    if model not in makers:
        raise UserError(f"there is no tiny checkpoint for {model!r}; there are some for {', '.join(sorted(makers))}")
    make: Callable[[Path], object] = makers[model].load()
    make(out)
    click.echo(f"{out}: random weights, no model; try: sama-bench run --model {model} --model-arg checkpoint={out}")
