"""Measuring: CPU and wall seconds of calls, memory of a process tree, and how results are shown and kept."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
JVM = "java_server.py"
CORES = 2


def seconds(call: Callable[[], T], repeat: int = 1) -> tuple[float, T]:
    """The least CPU seconds of this process that a call takes, and what it returns.

    CPU, not wall: other work on the machine then matters less. What is measured runs in one thread.
    """
    best, result = float("inf"), None
    for _ in range(repeat):
        began = time.process_time()
        result = call()
        best = min(best, time.process_time() - began)
    return best, result  # type: ignore[return-value]


@dataclass
class Stages:
    """Wall seconds by stage, in the order of first use."""

    wall: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens within to that stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.wall[name] = self.wall.get(name, 0.0) + time.perf_counter() - began


@dataclass(frozen=True)
class Used:
    """What a command took: wall and CPU seconds of all its processes, and peaks of resident bytes."""

    seconds: float
    cpu_seconds: float
    python_peak_bytes: int
    jvm_peak_bytes: int
    output: bytes


def command(arguments: Sequence[str]) -> Used:
    """Run sama-bench on `CORES` cores to its end. Raises CalledProcessError where its exit status is not 0."""
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    before, began = os.times(), time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "sama_bench", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),  # noqa: PLW1509
    ) as process:
        peak_jvm = peak = 0
        while True:
            jvm, others = tree_memory(process.pid)
            peak_jvm, peak = max(peak_jvm, jvm), max(peak, others)
            try:
                output = process.communicate(timeout=0.2)[0]
                break
            except subprocess.TimeoutExpired:
                continue
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Used(time.perf_counter() - began, used, peak, peak_jvm, output)


def tree_memory(root: int) -> tuple[int, int]:
    """Resident bytes of a process and all that descend from it: of the one with the JVM, and of the others."""
    jvm = others = 0
    for process in _descendants(root):
        try:
            command = Path(f"/proc/{process}/cmdline").read_bytes()
            pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, IndexError):
            continue  # it has ended
        if JVM.encode() in command:
            jvm += pages * 4096
        else:
            others += pages * 4096
    return jvm, others


def _descendants(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int(
                    (folder / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1]
                )
            except (OSError, IndexError):
                continue
            parents.setdefault(parent, []).append(int(folder.name))
    found = [root]
    for process in found:
        found += parents.get(process, [])
    return found


def ratio(name: str, theirs: float, ours: float, target: float) -> dict[str, Any]:
    """A line of a result: the peer's and our seconds, how often ours goes into theirs, and the aim."""
    return {"peer": name, "peer_seconds": theirs, "our_seconds": ours, "ratio": theirs / ours, "target": target}
