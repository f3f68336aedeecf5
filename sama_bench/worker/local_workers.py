"""A model in several processes of this machine."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sama_bench.run.arguments import portable
from sama_bench.run.dispatch import Slot, Workers
from sama_bench.worker.devices import environment
from sama_bench.worker.hosted import WorkerSpec
from sama_bench.worker.interpreter import usable
from sama_bench.worker.local import LocalWorker


def local_workers(
    name: str,
    args: Mapping[str, object],
    python: Path | None,
    log: Path,
    timeout: float,
    trust: bool,
    count: int,
    devices: Sequence[str] = (),
) -> Workers:
    """The adapter `name` in `count` processes of `python` (None: of the one that runs here), of which one is started.

    The workers take the `devices` in turn; each sees its own alone. The first prints to the file `log`, the others to
    files beside it: worker-2.log and so on. Raises UserError as `sama_bench.worker.remote` does.
    """
    interpreter = usable(Path(sys.executable) if python is None else python)
    maker = _Maker(name, portable(args), interpreter, log, timeout, trust)
    slots = [Slot(str(n + 1), devices[n % len(devices)] if devices else None) for n in range(count)]
    for device in devices:
        environment(device)  # what is not there is told before a model is loaded
    first = slots[0].worker = maker.make(slots[0])
    first.begin()
    about = vars(first)
    return Workers(
        slots,
        maker.make,
        about["can"],
        about["asking"],
        about["free"],
        first.versions,
        first.at_once,
        wording=about["wording"],
        forced=about["forced"],
    )


@dataclass(frozen=True)
class _Maker:
    name: str
    args: Mapping[str, object]
    python: str
    log: Path
    timeout: float
    trust: bool

    def make(self, slot: Slot) -> LocalWorker:
        """The worker of a slot, which is not begun."""
        log = self.log if slot.name == "1" else self.log.with_name(f"{self.log.stem}-{slot.name}{self.log.suffix}")
        return LocalWorker(
            WorkerSpec(
                self.name,
                self.args,
                self.python,
                log,
                self.timeout,
                self.trust,
                environment(slot.device),
                leave_out="--workers",
            )
        )
