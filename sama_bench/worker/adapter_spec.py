"""The adapter that a user names, and how it is made when it is needed: here, or in another Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sama_bench.errors import UserError

if TYPE_CHECKING:
    from sama_bench.adapter import Adapter
    from sama_bench.run.dispatch import Workers
    from sama_bench.worker.ray_workers import RayCluster

TIMEOUT = 600.0


@dataclass
class AdapterSpec:
    """An adapter by its name, with all that was said about making it; `made` is it, once `make` was called."""

    name: str
    args: Mapping[str, object]
    """Arguments as they were given: texts by a command, of any type by Python."""
    trust: bool = False
    budget: str | None = None
    python: Path | None = None
    timeout: float | None = None
    workers: int | None = None
    """In how many processes it is to run; None for in this one, or in one of the other Python."""
    devices: Sequence[str] = ()
    """What the workers are spread over, in turn; nothing where they see what this process sees."""
    cluster: RayCluster | None = None
    """Where the workers are to run, if not on this machine; `workers` None is then as many as it has places."""
    made: Adapter | Workers | None = field(default=None, init=False)

    def check(self) -> None:
        """Raise UserError for what can be told wrong before anything is made."""
        if self.timeout is not None and self.python is None and not self._in_workers:
            raise UserError("--timeout goes with --python or --workers: an adapter in this process cannot be ended")
        if self.cluster is not None:
            self.cluster.check()
        if problems := list(self._unfit_for_workers()):
            raise UserError(problems)
        if self.python is None:
            from sama_bench.run.registry import adapter_class

            adapter_class(self.name)

    def make(self, log: Path) -> Adapter:
        """Make the adapter, here or in a process of the other Python, whose output goes to the file `log`."""
        adapter = self._here() if self.python is None else self._there(self.python, log)
        self.made = adapter
        return adapter

    def start(self, log: Path) -> Adapter | Workers:
        """Make what is to be asked: the adapter, or the first of its workers; output goes to `log`, or beside it."""
        if not self._in_workers:
            return self.make(log)
        from sama_bench.worker.local_workers import local_workers

        log.parent.mkdir(parents=True, exist_ok=True)
        timeout, args = self.timeout or TIMEOUT, self._args_with_budget()
        if self.cluster is not None:
            from sama_bench.worker.ray_workers import ray_workers

            spec = (self.name, args, self.python, log, timeout, self.trust)
            self.made = ray_workers(*spec, self.cluster, self.workers)
        else:
            count = self.workers or 1
            self.made = local_workers(self.name, args, self.python, log, timeout, self.trust, count, self.devices)
        return self.made

    @property
    def _in_workers(self) -> bool:
        return self.workers is not None or self.cluster is not None

    def _unfit_for_workers(self) -> Iterator[str]:
        if not self._in_workers:
            return
        if self.workers is not None and self.workers < 1:
            yield f"workers is {self.workers}, expected 1 or more"
        if self.workers != 1 and (self.budget is not None or "budget" in self.args):
            yield f"a budget is counted by one process: leave it out, or {'--ray' if self.cluster else '--workers'}"
        if self.cluster is not None and self.devices:
            yield "--devices is for workers on this machine: with --ray say how many GPUs each has, --gpus-per-worker"
        if self.devices and "device" in self.args:
            yield "--devices chooses the device: leave out --model-arg device=…"

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

    def end(self) -> None:
        """End the workers, where there are any."""
        from sama_bench.run.dispatch import Workers

        if isinstance(self.made, Workers):
            self.made.end()

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

    def _args_with_budget(self) -> dict[str, object]:
        return dict(self.args) if self.budget is None else {**self.args, "budget": self.budget}

    def _there(self, python: Path, log: Path) -> Adapter:
        from sama_bench.worker import remote

        log.parent.mkdir(parents=True, exist_ok=True)
        adapter: Adapter = remote(self.name, self._args_with_budget(), python, log, self.timeout or TIMEOUT, self.trust)
        return adapter
