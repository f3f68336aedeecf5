"""An adapter in another Python, with packages of its own: this process asks, that one answers.

`remote` gives the adapter that asks. The other Python runs `-m sama_bench.worker`, which needs this package and little
of what it needs here. Nothing is pickled, and nothing is put on disk but the log; see docs/workers.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sama_bench.worker.adapter import Remote

PROTOCOL = 2
"""Version of what the two processes say to each other; both must have the same."""

__all__ = ["PROTOCOL", "remote"]


def remote(name: str, args: Mapping[str, object], python: Path, log: Path, timeout: float, trust: bool) -> Remote:
    """Start the adapter `name` with the model arguments `args` in a process of the interpreter `python`.

    What that process prints is appended to the file `log`. A question may take `timeout` seconds, and making the
    adapter or opening a video ten times as long. Raises UserError where there is no usable interpreter, where it
    lacks something that it needs, for everything that making the adapter raises it for, where that ends
    the process, and for an adapter that is shown the truth, which does not leave this process.
    """
    from sama_bench.run.arguments import portable
    from sama_bench.worker.adapter import Remote, WorkerSpec
    from sama_bench.worker.interpreter import usable

    return Remote(WorkerSpec(name, portable(args), usable(python), log, timeout, trust))
