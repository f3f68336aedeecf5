"""The adapter that a user names, and how it is made when it is needed: here, or in another Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sama_bench.errors import UserError

if TYPE_CHECKING:
    from sama_bench.adapter import Adapter

TIMEOUT = 600.0


@dataclass
class Called:
    """An adapter by its name, with all that was said about making it; `made` is it, once `make` was called."""

    name: str
    args: Mapping[str, object]
    """Arguments as they were given: texts by a command, of any type by Python."""
    trust: bool = False
    budget: str | None = None
    python: Path | None = None
    timeout: float | None = None
    made: Adapter | None = field(default=None, init=False)

    def check(self) -> None:
        """Raise UserError for what can be told wrong before anything is made."""
        if self.timeout is not None and self.python is None:
            raise UserError("--timeout goes with --python: an adapter in this process cannot be ended")
        if self.python is None:
            from sama_bench.run.registry import adapter_class

            adapter_class(self.name)

    def make(self, log: Path) -> Adapter:
        """Make the adapter, here or in a process of the other Python, whose output goes to the file `log`."""
        self.made = self._here() if self.python is None else self._there(self.python, log)
        return self.made

    @property
    def texts(self) -> dict[str, str]:
        """The arguments as they are noted."""
        return {name: str(value) for name, value in self.args.items()}

    def deciding(self) -> dict[str, str]:
        """The arguments that decide answers: all but the free ones."""
        return {name: text for name, text in self.texts.items() if name not in self.free}

    @property
    def free(self) -> frozenset[str]:
        """The arguments that the adapter calls free; empty where only the other Python knows it, until it is made."""
        return (self.made.free if self.made is not None else self._free) or frozenset()

    @property
    def elsewhere(self) -> bool:
        """Whether only the other Python knows the adapter, so that it has to be made for anything to be known."""
        return self.python is not None and self._free is None

    def notes(self) -> Sequence[str]:
        """What the adapter has to say at the end."""
        return self.made.notes() if self.made is not None else ()

    @cached_property
    def _free(self) -> frozenset[str] | None:
        """The free arguments by the adapter's class; None where another Python is to run it and this has none."""
        from sama_bench.run.registry import adapter_class

        try:
            return adapter_class(self.name).free
        except UserError:
            if self.python is None:
                raise
            return None

    def _here(self) -> Adapter:
        from sama_bench.run.registry import make_adapter

        return make_adapter(self.name, self.args, trust=self.trust, budget=self.budget)

    def _there(self, python: Path, log: Path) -> Adapter:
        from sama_bench.worker import remote

        args = dict(self.args) if self.budget is None else {**self.args, "budget": self.budget}
        log.parent.mkdir(parents=True, exist_ok=True)
        made: Adapter = remote(self.name, args, python, log, self.timeout or TIMEOUT, self.trust)
        return made
