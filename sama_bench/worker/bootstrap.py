"""How the worker begins: its streams go to the log, it says what it is, then it serves."""

from __future__ import annotations

import faulthandler
import os
import platform
import signal
import socket
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from sama_bench import __version__
from sama_bench.worker import PROTOCOL
from sama_bench.worker.framing import Channel, Gone

PIECES = {"numpy": "numpy", "PIL": "pillow", "pycocotools": "pycocotools"}
"""What a worker cannot do without: modules, and what pip calls them."""


def start(descriptor: int) -> None:
    """Serve on the socket that `descriptor` is until the asker closes it."""
    _streams()
    os.set_inheritable(descriptor, False)
    channel = Channel(socket.socket(fileno=descriptor))
    missing = [pip for module, pip in PIECES.items() if find_spec(module) is None]
    try:
        channel.send("hello", {**_facts(), "missing": missing})
        if not missing:
            from sama_bench.worker.serve import serve

            serve(channel)
    except Gone:
        pass


def _facts() -> dict[str, object]:
    try:
        installed = version("sama-bench")
    except PackageNotFoundError:
        installed = ""
    return {"protocol": PROTOCOL, "package": __version__, "installed": installed, "python": platform.python_version()}


def _streams() -> None:
    """Nothing to read; lines are in the log as soon as they are printed, and so is the stack of a crash."""
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=True)  # sent before a worker that hangs is killed
