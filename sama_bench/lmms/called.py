"""The adapter that lmms-eval's `--model_args` name."""

from __future__ import annotations

from sama_bench.adapters.base import Adapter
from sama_bench.errors import UserError
from sama_bench.run.plugins import takes
from sama_bench.run.registry import adapter_class, make_adapter

NAME, TRUST, EXAMPLE = "adapter", "trust_remote_code", "--model_args adapter=motion"


def adapter_of(arguments: str, device: str | None = None) -> Adapter:
    """Make the adapter of `adapter=NAME,other=value,…`; values stay as they are written.

    `device` is what lmms-eval's own option says, for an adapter that takes one and was given none. Raises UserError as
    `make_adapter` does, where no adapter is named, and for what is no `name=value`.
    """
    given = _pairs(arguments)
    name = given.pop(NAME, None)
    if not name:
        raise UserError(f"which adapter? expected {EXAMPLE}; to list them: sama-bench models")
    trust = given.pop(TRUST, "false").lower() in {"true", "1", "yes"}
    if device and "device" not in given and takes(adapter_class(name), "device"):
        given["device"] = device
    return make_adapter(name, given, trust=trust)


def _pairs(arguments: str) -> dict[str, str]:
    parts = [one for one in arguments.split(",") if one.strip()]
    if wrong := [one for one in parts if "=" not in one]:
        raise UserError([f"{one!r} is no argument, expected name=value; {EXAMPLE}" for one in wrong])
    return {name.strip(): value for name, _, value in (one.partition("=") for one in parts)}
