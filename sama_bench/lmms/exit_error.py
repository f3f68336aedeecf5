"""A user's mistake, told through lmms-eval."""

from __future__ import annotations

from sama_bench.errors import UserError


class UserExit(SystemExit):
    """Ends the process with a line for each problem.

    lmms-eval shows other exceptions as a traceback, and exits with 0; some it raises five times and then hides.
    """

    def __init__(self, problem: UserError) -> None:
        super().__init__("\n".join(f"sama-bench: {line}" for line in problem.lines()))
