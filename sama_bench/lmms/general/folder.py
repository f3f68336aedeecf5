"""The folder that keeps a model's general scores: one of its own, or that of a run of the same model."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.lmms.general.log_capture import LOG
from sama_bench.lmms.general.record import FILE, GeneralSettings, Record, read
from sama_bench.run.lock import Lock
from sama_bench.run.manifest import Manifest, check_none
from sama_bench.run.store import MANIFEST, WORKER_LOG

LOCK = "general.lock"
SUBMISSIONS = "submissions"  # lmms-eval's tasks write theirs there
OURS = {FILE, LOG, LOCK, SUBMISSIONS, WORKER_LOG}


def usual(model: str) -> Path:
    """The folder where nothing else is said."""
    return Path("runs") / (re.sub(r"[^\w.+-]+", "_", model) + "-general")


def check(folder: Path, asked: GeneralSettings, free: Collection[str] = ()) -> Record:
    """What the folder has so far, nothing where it is new. Writes nothing.

    Model arguments that are `free` may be other ones than before. Raises UserError where it has scores that were made
    with other settings, is the run of another model, or holds something else.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: is a file, expected a folder")
    there = {one.name for one in folder.iterdir()} if folder.is_dir() else set()
    if MANIFEST in there:
        _check_run(folder, asked, free)
    elif there and not there & OURS:
        raise UserError(f"{folder}: is neither a run nor of `sama-bench general`, and not empty; give another folder")
    made = read(folder)
    if made is None:
        return Record(asked)
    check_none(f"{folder / FILE} was made", made.settings.differences(asked, free))
    return made


def _check_run(folder: Path, asked: GeneralSettings, free: Collection[str]) -> None:
    run = Manifest.read(folder / MANIFEST).settings
    mine = GeneralSettings(run.model, run.model_args, asked.limit, asked.lmms_eval)
    check_none(f"{folder} is a run made", mine.differences(asked, free))


@contextmanager
def taken(folder: Path) -> Iterator[None]:
    """Make the folder where it is missing, and keep others from writing to it as long as this lasts."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UserError(f"{folder}: cannot be made ({problem.strerror or problem})") from problem
    lock = Lock(folder / LOCK, str(folder))
    try:
        yield
    finally:
        lock.release()
