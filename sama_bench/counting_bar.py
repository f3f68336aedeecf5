"""A bar of things done, on stderr where somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from sama_bench.console import Console


@contextmanager
def counting(what: str, things: str, total: int) -> Iterator[Callable[[int], object]]:
    """Give a function that says how many `things` more are done, of `total`. Without a terminal nothing is shown."""
    console = Console(stderr=True)
    columns = TextColumn("{task.completed:.0f}/{task.total:.0f} " + things, markup=False)
    bar = Progress(TextColumn(what, markup=False), BarColumn(), columns, TimeRemainingColumn(), console=console)
    if not console.is_terminal:
        yield lambda _count: None
        return
    with bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)
