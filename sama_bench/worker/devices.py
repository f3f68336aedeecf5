"""The accelerators that workers are spread over: named by the user, or seen without loading a model's libraries."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from sama_bench.errors import UserError

AUTO, CPU = "auto", "cpu"
VISIBLE = "CUDA_VISIBLE_DEVICES"
ORDER = "CUDA_DEVICE_ORDER"
PROBE_SECONDS = 60.0


def devices_of(text: str) -> list[str]:
    """The devices that `--devices` names: "cuda:0,cuda:1" (or "0,1"), "cpu", or "auto", all that this process sees.

    Raises UserError for what names none, and where "auto" sees none.
    """
    if text.strip() == AUTO:
        return [f"cuda:{number}" for number in range(len(_visible_devices()))]
    names = [name.strip() for name in text.split(",")]
    problems = [
        f"--devices {text}: {name!r} is no device; expected cuda:0,cuda:1,… or cpu or auto"
        for name in names
        if not re.fullmatch(r"(cuda:)?\d{1,4}|cuda|cpu", name)
    ]
    if problems:
        raise UserError(problems)
    return [f"cuda:{name}" if name.isdigit() else "cuda:0" if name == "cuda" else name for name in names]


def environment(device: str | None) -> Mapping[str, str]:
    """The variables by which a process sees this device alone, as its first; nothing where none is named.

    Numbers count the devices that this process sees: where CUDA_VISIBLE_DEVICES names some, as a batch system does,
    cuda:0 is the first of those. Raises UserError where there are not so many.
    """
    if device is None:
        return {}
    if device == CPU:
        return {VISIBLE: ""}
    number = int(device.removeprefix("cuda:"))
    named = _devices_of_environment()
    if named is None:
        return {VISIBLE: str(number), ORDER: os.environ.get(ORDER, "PCI_BUS_ID")}
    if number >= len(named):
        raise UserError(f"--devices: there is no {device}: {VISIBLE} is {os.environ[VISIBLE]!r} here")
    return {VISIBLE: named[number]}


def _visible_devices() -> Sequence[str]:
    """The devices that this process sees. Raises UserError where it sees none."""
    devices = _devices_of_environment()
    if devices is None:
        devices = _by_driver() or sorted(path.name for path in Path("/dev").glob("nvidia[0-9]*"))
    if not devices:
        why = f"{VISIBLE} is {os.environ[VISIBLE]!r}" if VISIBLE in os.environ else "no nvidia-smi lists one"
        raise UserError(f"--devices auto: no GPU is seen ({why}); name devices, or leave --devices out")
    return devices


def _devices_of_environment() -> list[str] | None:
    """What the environment says is visible; None where it says nothing."""
    if VISIBLE not in os.environ:
        return None
    names = [name.strip() for name in os.environ[VISIBLE].split(",")]
    end = next((n for n, name in enumerate(names) if name in {"", "-1"}), len(names))  # as CUDA reads it
    return names[:end]


def _by_driver() -> list[str]:
    """What the driver's own command lists; nothing where it is not there, or says nothing."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return []
    query = [command, "--query-gpu=index", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip().isdigit()] if not done.returncode else []
