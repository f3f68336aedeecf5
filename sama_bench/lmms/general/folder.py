"""The folder that keeps a model's general scores: one of its own, or that of a run of the same model."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.lmms.general.log_capture import LOG
from sama_bench.lmms.general.record import FILE, GeneralSettings, Record, read
from sama_bench.run.folders import usual_folder
from sama_bench.run.lock import Lock
from sama_bench.run.manifest import Manifest, check_none
from sama_bench.run.store import MANIFEST, WORKER_LOG

LOCK = "general.lock"
SUBMISSIONS = "submissions"  # lmms-eval's tasks write theirs there
OURS = {FILE, LOG, LOCK, SUBMISSIONS, WORKER_LOG}


def usual(model: str) -> Path:
    """The folder where nothing else is said."""
    return usual_folder([model, "general"])


def check(folder: Path, settings: GeneralSettings, free: Collection[str] = ()) -> Record:
    """The record of the folder so far, an empty one where it is new. Writes nothing.

    Model arguments that are `free` may be other ones than before. Raises UserError where it has scores that were made
    with other settings, is the run of another model, or holds something else.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: is a file, expected a folder")
    present = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if MANIFEST in present:
        _check_run(folder, settings, free)
    elif present and not present & OURS:
        raise UserError(f"{folder}: is neither a run nor of `sama-bench general`, and not empty; give another folder")
    record = read(folder)
    if record is None:
        return Record(settings)
    check_none(f"{folder / FILE} was made", record.settings.differences(settings, free))
    return record


def _check_run(folder: Path, settings: GeneralSettings, free: Collection[str]) -> None:
    run = Manifest.read(folder / MANIFEST).settings
    run_settings = GeneralSettings(run.model, run.model_args, settings.limit, settings.lmms_eval)
    check_none(f"{folder} is a run made", run_settings.differences(settings, free))


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
