"""Kills a call at each of its file events, and gives it again."""

import gc
import os
import signal
import sys
import warnings

EVENTS = {
    "open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "os.link", "os.symlink",
    "shutil.rmtree", "shutil.copyfile", "ctypes.dlsym", "fcntl.flock", "tempfile.mkstemp", "tempfile.mkdtemp",
}  # fmt: skip
WRITING = os.O_WRONLY | os.O_RDWR


def kill_at_every_event(make, call, check, step=1):
    """For each event (of `step` the first), in a folder that `make` gives: kill `call`, `check(folder, killed=True)`,
    call it again, and `check(folder, killed=False)`. Gives how many events there were, to a whole `step`."""
    number = 0
    while status := in_child(call, folder := make(), number):
        assert status == -signal.SIGKILL, status
        check(folder, killed=True)
        assert in_child(call, folder) == 0, f"after event {number}"
        check(folder, killed=False)
        number += step
    return number


def in_child(call, folder, number=None):
    """Call in a process of its own, forked from this one, killed at the event `number`; gives its status."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of numpy are idle here
        child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    gc.freeze()  # what the tests have made is none of its garbage
    try:
        if number is not None:
            sys.addaudithook(dying(number))
        call(folder)
    except BaseException as problem:
        os.write(2, f"{problem!r}\n".encode())
        os._exit(9)
    os._exit(0)


def dying(number):
    left = [number]

    def hook(event, about):
        if event not in EVENTS or (event == "open" and not (isinstance(about[2], int) and about[2] & WRITING)):
            return
        if event == "open" and str(about[0]).startswith("/dev/"):
            return
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    return hook
