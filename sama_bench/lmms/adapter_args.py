"""The adapter that lmms-eval's `--model_args` name."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sama_bench.adapter import Adapter
from sama_bench.errors import UserError
from sama_bench.run.arguments import takes
from sama_bench.run.registry import adapter_class
from sama_bench.worker.adapter_spec import AdapterSpec

NAME, TRUST, PYTHON, EXAMPLE = "adapter", "trust_remote_code", "python", "--model_args adapter=motion"


def adapter_of(arguments: str, device: str | None = None) -> Adapter:
    """Make the adapter of `adapter=NAME,other=value,…`; values stay as they are written.

    With `python=PATH` among them it runs in a process of that interpreter. `device` is what lmms-eval's own option
    says, for an adapter that takes one and was given none. Raises UserError as `make_adapter` and `remote` do, where no
    adapter is named, and for what is no `name=value`.
    """
    options = _pairs(arguments)
    name = options.pop(NAME, None)
    if not name:
        raise UserError(f"which adapter? expected {EXAMPLE}; to list them: sama-bench models")
    trust = options.pop(TRUST, "false").lower() in {"true", "1", "yes"}
    python = options.pop(PYTHON, None)
    if device and "device" not in options and _takes_device(name, elsewhere=bool(python)):
        options["device"] = device
    return AdapterSpec(name, options, trust, python=Path(python) if python else None).make(_log() if python else Path())


def _takes_device(name: str, *, elsewhere: bool) -> bool:
    """True if it does, as far as is known here: another interpreter may know adapters of its own."""
    try:
        return takes(adapter_class(name), "device")
    except UserError:
        if elsewhere:
            return False
        raise


def _log() -> Path:
    log = Path(tempfile.mkdtemp(prefix="sama-bench-")) / "worker.log"
    print(f"sama-bench: log of the other Python: {log}", file=sys.stderr)
    return log


def _pairs(arguments: str) -> dict[str, str]:
    parts = [part for part in arguments.split(",") if part.strip()]
    if malformed := [part for part in parts if "=" not in part]:
        raise UserError([f"{part!r} is no argument, expected name=value; {EXAMPLE}" for part in malformed])
    return {name.strip(): value for name, _, value in (part.partition("=") for part in parts)}
