"""A run's folder that a stranger may have made: no link is followed, and no query or text is without end."""

from __future__ import annotations

import sqlite3
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

from sama_bench.errors import UserError
from sama_bench.files.opening import open_member

# SQLite's steps: a query of ours takes less than one for each byte of the file. Each look costs some.
STEPS, STEPS_A_BYTE, LOOK = 10_000_000, 20, 100_000
LONGEST = 1 << 28  # bytes of one value
# Masks that are all empty pack well: only what is large, too, is taken for a bomb.
HARMLESS, RATIO = 64 << 20, 100
# What `ANALYZE` leaves, with which somebody may have tuned a run.
ANALYZED = {f"CREATE TABLE sqlite_stat{n}(tbl,idx,{rest})" for n, rest in ((1, "stat"), (4, "neq,nlt,ndlt,sample"))}
SUPER_JOURNAL = bytes.fromhex("d9d505f920a163d7")  # a journal that ends so names a file that SQLite would remove


def check_members(folder: Path, names: Iterable[str]) -> None:
    """Raise UserError with all files of these names in `folder` that are no plain files but links, pipes or devices."""
    strange = [(folder / name, kind) for name in names if (kind := _kind(folder / name))]
    if strange:
        raise UserError(
            f"{path}: is {kind}, expected a plain file; if you trust it, make a copy with: cp -rL {folder} COPY"
            if kind == "a link"
            else f"{path}: is {kind}, expected a plain file; move it away"
            for path, kind in strange
        )


def _kind(path: Path) -> str:
    """What lies there in place of a plain file; '' for a plain file, and for none."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return ""
    if stat.S_ISLNK(mode):
        return "a link"
    if stat.S_ISDIR(mode):
        return "a folder"
    return "" if stat.S_ISREG(mode) else "a pipe or a device"


class Connection(sqlite3.Connection):
    """A connection to a database file whose queries come to an end, however the file was forged."""

    def __init__(self, file: Path, mode: str) -> None:
        """Open `file` as SQLite's `mode` says, with transactions as the statements say."""
        super().__init__(f"{file.resolve().as_uri()}?mode={mode}", timeout=30, isolation_level=None, uri=True)
        self._file, self._steps = file, _Steps()
        try:
            self._bound()
        except BaseException:
            self.close()
            raise

    def _bound(self) -> None:
        self.set_progress_handler(self._steps.look, LOOK)
        if sys.version_info >= (3, 11):
            self.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        self.execute("PRAGMA trusted_schema = OFF")
        self.execute("PRAGMA cell_size_check = ON")

    def execute(self, *statement: Any) -> sqlite3.Cursor:  # noqa: ANN401 - sqlite3's own
        """Execute a statement within as many steps as a file of this size may need."""
        self._steps.left = STEPS + STEPS_A_BYTE * self._file.stat().st_size
        return super().execute(*statement)

    def executemany(self, *statement: Any) -> sqlite3.Cursor:  # noqa: ANN401 - sqlite3's own
        """Put as many rows as the caller has."""
        self._steps.left = sys.maxsize
        return super().executemany(*statement)


class _Steps:
    """Counts steps; a class of its own, so that the connection holds no circle."""

    def __init__(self) -> None:
        self.left = STEPS

    def look(self) -> bool:
        """Whether to stop."""
        self.left -= LOOK
        return self.left < 0


def check_schema(database: sqlite3.Connection, path: Path, forms: tuple[str, ...]) -> None:
    """Raise UserError where the database has another table, index, view or trigger than one of the scripts `forms`."""
    known = _statements(forms)
    for kind, name, text in database.execute("SELECT type, name, sql FROM sqlite_master"):
        if not (kind == "index" and text is None) and _line(text) not in known:  # without text: a primary key's
            raise UserError(
                f"{path}: holds a {kind} {name!r} that no sama-bench made: it may do anything; do not use this run"
            )


@lru_cache
def _statements(forms: tuple[str, ...]) -> frozenset[str]:
    return frozenset(line for form in forms for line in _created_names(form)) | ANALYZED


def _created_names(script: str) -> Iterator[str]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(script)
        for (text,) in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"):
            yield _line(text)


def _line(text: object) -> str:
    return " ".join(str(text).split())


def check_journal(path: Path) -> None:
    """Look at what a killed writer left beside the database `path`, before SQLite does. Raises UserError, OSError."""
    journal = path.with_name(f"{path.name}-journal")
    if not journal.exists():
        return
    with open_member(journal) as file:
        file.seek(max(0, file.seek(0, 2) - len(SUPER_JOURNAL)))
        if file.read() == SUPER_JOURNAL:
            raise UserError(
                f"{journal}: names another file that would be removed: no sama-bench wrote it; move it away"
            )


def unpacked(content: bytes) -> bytes:
    """Decompress what zlib made. Raises ValueError where it would become far larger than such a text ever does."""
    most = max(HARMLESS, RATIO * len(content))
    unpacking = zlib.decompressobj()
    text = unpacking.decompress(content, most)
    if unpacking.unconsumed_tail:
        raise ValueError(f"more than {most:,} bytes from {len(content):,}")
    if not unpacking.eof:
        raise zlib.error("incomplete or truncated stream")
    return text
