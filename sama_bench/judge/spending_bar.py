"""A progress bar on stderr for what is paid for; where stderr is not a terminal there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from sama_bench.console import Console

if TYPE_CHECKING:
    from sama_bench.llm_client import Bill


class SpendingBar:
    """Shows how many verdicts there are, and what they cost so far. Use it as a context manager."""

    def __init__(self, description: str, total: int, bill: Bill) -> None:
        self._bill = bill
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} verdicts, {task.fields[spent]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(description, total=total, spent=spent(bill))

    def step(self) -> None:
        """Count one more verdict, and look at the bill."""
        self._bar.update(self._task, advance=1, spent=spent(self._bill))

    def __enter__(self) -> SpendingBar:
        if not self._bar.disable:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if not self._bar.disable:  # older rich prints an empty line even then
            self._bar.stop()


def spent(bill: Bill) -> str:
    """The sum of a bill, in a few words."""
    return f"{bill.requests} requests" + ("" if bill.usd is None else f", ${bill.usd:.2f}")
