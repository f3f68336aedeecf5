"""The process between asker and worker: it lives as long as both do, and leaves no process behind.

A model may start processes of its own, hang in C code or be killed, and so may the asker. None of them can be relied on
to tidy up; this small process, which loads nothing, does it for them.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # of <linux/prctl.h>
PATIENCE = 5.0  # seconds in which killed processes are gone, unless the kernel holds them


def guard(descriptor: int) -> None:
    """Fork: the child returns from here and is the worker; this process waits, and never returns.

    It ends when the worker has ended, in the same way (status or signal), or when standard input ends, which is how
    the asker says so, alive or dead. Either way it first kills all processes that descend from it.
    """
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # is meant for the worker (see `start`)
    _prctl(PR_SET_CHILD_SUBREAPER, 1)  # also those whose own parents are gone
    mine = os.getpid()
    worker = os.fork()
    if worker == 0:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != mine:
            os._exit(1)
        return
    os.close(descriptor)
    threading.Thread(target=_end_with_input, daemon=True).start()
    _end_like(_waited_for(worker))


def _end_with_input() -> None:
    while os.read(0, 1):
        pass
    _kill_descendants()
    os._exit(0)


def _waited_for(worker: int) -> int:
    while True:
        pid, status = os.wait()
        if pid == worker:
            return status


def _end_like(status: int) -> None:
    """End with the same status, or by the same signal; no second core is dumped."""
    _kill_descendants()
    if os.WIFSIGNALED(status):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with suppress(OSError):  # SIGKILL has no other handling that could be undone
            signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _kill_descendants() -> None:
    if not Path("/proc/self/stat").exists():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)  # all of the group but this process
        return
    end = monotonic() + PATIENCE
    while (left := descendants(os.getpid())) and monotonic() < end:
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        sleep(0.005)


def descendants(root: int) -> list[int]:
    """The processes that descend from `root` and have not ended, children first; [] where there is no /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # the second field is the name in parentheses, which may hold anything; state and parent follow it
            state, parent = entry.read_text(errors="replace").rpartition(")")[2].split()[:2]
            if state not in "ZX":
                children.setdefault(int(parent), []).append(int(entry.parent.name))
    processes = [root]
    for pid in processes:
        processes += children.get(pid, [])
    return processes[1:]


def _prctl(option: int, value: int) -> None:
    if sys.platform != "linux":
        return
    with suppress(ImportError, OSError, AttributeError):  # a Python without ctypes works as well, but for killed guards
        import ctypes

        ctypes.CDLL(None).prctl(option, int(value), 0, 0, 0)
