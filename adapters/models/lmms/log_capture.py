"""Capture of what lmms-eval's models print, log and draw: a run has its own bar and table on the terminal."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from functools import lru_cache
from typing import Any

MOST = 3
"""Warnings that are shown at the end of a run."""
ERROR = 40


class LogCapture:
    """The warnings and errors that lmms-eval logs while `quiet` lasts.

    `errors` are those since the last `quiet` began, one line each; `warnings` all lines of either kind, each once.
    """

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.warnings: dict[str, None] = {}

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """While the context is open, nothing that Python code prints, logs or draws here reaches the terminal."""
        from loguru import logger

        self.errors = []
        with ExitStack() as stack:
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
            _hush_transformers(stack)
            nowhere = _nowhere()
            # rich, which draws the run's bar from a thread, looks here for where the terminal is
            nowhere.rich_proxied_file = getattr(sys.stderr, "rich_proxied_file", sys.stderr)
            stack.enter_context(redirect_stdout(nowhere))
            stack.enter_context(redirect_stderr(nowhere))
            number = logger.add(self._note, level="WARNING", format="{message}")
            stack.callback(_remove, number)
            yield

    def notes(self) -> list[str]:
        """Lines for the end of a run: the first warnings, and how many more there were."""
        first_warnings = [f"lmms-eval: {line}" for line in list(self.warnings)[:MOST]]
        hidden = len(self.warnings) - len(first_warnings)
        return [*first_warnings, f"lmms-eval: … and {hidden} other warnings"] if hidden else first_warnings

    def _note(self, message: Any) -> None:  # noqa: ANN401 - a string of loguru's, with its record
        line = " ".join(str(message).split())
        self.warnings[line] = None
        if message.record["level"].no >= ERROR:
            self.errors.append(line)


@lru_cache
def _nowhere() -> Any:  # noqa: ANN401 - a text file, with an attribute more
    """Never closed: what is imported while streams are turned away, such as a log, may keep the stream."""
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123


def _hush_transformers(stack: ExitStack) -> None:
    """Its log keeps the stream that it finds first: so it is to find the terminal, and is hushed in its own way."""
    from transformers.utils import logging

    log: Any = logging
    stack.callback(log.set_verbosity, log.get_verbosity())
    log.set_verbosity_error()


def _remove(number: int) -> None:
    from loguru import logger

    with suppress(ValueError):  # some of lmms-eval's modules take all sinks away when they are imported
        logger.remove(number)
