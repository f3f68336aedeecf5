"""Capture of what lmms-eval and its tasks print and log, so that it stays off the command's own lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from typing import TextIO

LOG = "lmms-eval.log"


@contextmanager
def into(log: TextIO) -> Iterator[None]:
    """While the context is open, what is printed or logged goes to `log`; in a terminal only bars are drawn."""
    from loguru import logger

    with ExitStack() as stack:
        stack.enter_context(redirect_stdout(log))
        if not sys.stderr.isatty():
            stack.enter_context(redirect_stderr(log))
        # They make logs of their own, and take away those of others, when they are imported.
        import lmms_eval.evaluator
        import lmms_eval.models  # noqa: F401

        logger.remove()
        logger.add(log, level="INFO", format="{time:YYYY-MM-DD HH:mm:ss} {level} {message}", colorize=False)
        stack.callback(logger.remove)
        yield
