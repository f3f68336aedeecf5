"""The interface of loggers, and how one is found: by an entry point of the group `sama_bench.loggers`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from sama_bench.adapter import Need
from sama_bench.errors import UserError, each
from sama_bench.loggers.record import RunRecord
from sama_bench.run.plugins import Group, check_needs


class Logger(ABC):
    """Takes scored runs somewhere. `needs` are the packages that it cannot do without.

    It is made with what stands behind its name in `--log NAME:ARGUMENT`, None where nothing does, before a run is asked
    anything: raise UserError for an argument that is none.
    """

    needs: ClassVar[Sequence[Need]] = ()

    def __init__(self, argument: str | None = None) -> None:
        self.argument = argument

    @abstractmethod
    def log(self, record: RunRecord) -> str:
        """Take a run there; gives where it is to be seen, for the user. May raise whatever it likes."""


LOGGERS: Group[Logger] = Group(
    "sama_bench.loggers",
    "logger",
    Logger,  # type: ignore[type-abstract]  # nothing is made of the base
    "log",
)


def loggers_of(texts: Sequence[str]) -> dict[str, Logger]:
    """The loggers that NAME or NAME:ARGUMENT name, by these texts.

    Raises UserError with all that there are not, and MissingExtra where a package is missing.
    """
    return dict(zip(dict.fromkeys(texts), each(_make_logger, list(dict.fromkeys(texts))), strict=True))


def _make_logger(text: str) -> Logger:
    name, colon, argument = text.partition(":")
    kind = LOGGERS.find(name)
    check_needs(f"logger {name}", kind.needs)
    return kind(argument if colon else None)


def log_to(text: str, logger: Logger, record: RunRecord) -> str:
    """Have a run logged; gives a line that says where. Raises UserError for whatever the logger raises."""
    try:
        return f"{record.path}: logged to {text}: {logger.log(record)}"
    except UserError:
        raise
    except Exception as problem:
        why = " ".join(str(problem).split())
        raise UserError(
            f"{record.path}: was not logged to {text} ({type(problem).__name__}: {why}); the run is kept; again with: "
            f"sama-bench log {record.path} --to {text}"
        ) from problem
