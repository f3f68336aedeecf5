"""What the other Python runs: `python -m sama_bench.worker DESCRIPTOR`, the socket to the process that asks."""

from __future__ import annotations

import os
import sys


def _begin(descriptor: int) -> None:
    # With -m the working directory stands first among the places of modules; nothing of it was meant to be imported.
    if sys.path and sys.path[0] in {"", os.getcwd()}:  # noqa: PTH109 - compared as text
        del sys.path[0]
    from sama_bench.worker.supervisor import guard

    guard(descriptor)
    from sama_bench.worker.bootstrap import start

    start(descriptor)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.exit("this is started by: sama-bench run --model NAME --python PATH")
    _begin(int(sys.argv[1]))
