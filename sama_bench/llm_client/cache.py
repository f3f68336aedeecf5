"""Answers that were paid for, on disk by content."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path

from sama_bench.cache import why_not_kept
from sama_bench.errors import UserError
from sama_bench.llm_client.requests import Reply, Request

SCHEMA = 1
TABLE = "CREATE TABLE IF NOT EXISTS reply (key TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID"


def unkept() -> str | None:
    """The reason why replies in the cache folder go with the process, in a line; None where they are kept."""
    reason = why_not_kept()
    return None if reason is None else f"replies are not kept for other runs, which pay for them again: {reason}"


class ResponseCache:
    """An SQLite file with the reply to each request, for many threads and processes at once.

    A reply is kept when `put` returns: a killed process loses none (a machine that loses power may lose the last).
    Neither keys of servers nor prompts are in it, only the hash of a request and its reply. `scope` is hashed, too:
    what was kept under one is not found under another. The file is open from a `get` or `put` until the next `close`,
    after which both open it again. Raises UserError where it cannot be read or written, or is something else; when it
    is made, too.
    """

    def __init__(self, path: Path, scope: str = "") -> None:
        self.path, self._scope = path, scope
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None
        with self._cache_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database()
        self.close()

    def _database(self) -> sqlite3.Connection:
        """The file, open; to be called with the lock held."""
        if self._opened is None:
            database = sqlite3.connect(self.path, timeout=60, isolation_level=None, check_same_thread=False)
            try:
                self._prepare(database)
            except BaseException:
                database.close()
                raise
            self._opened = database
        return self._opened

    def _prepare(self, database: sqlite3.Connection) -> None:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version not in {0, SCHEMA}:
            raise UserError(f"{self.path}: is a cache of version {version}, this one knows {SCHEMA}; move it away")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(TABLE)
        if version != SCHEMA:
            database.execute(f"PRAGMA user_version = {SCHEMA}")

    def get(self, request: Request) -> Reply | None:
        """The reply that was kept for a request, marked as cached; None where there is none."""
        with self._lock, self._cache_errors():
            row = self._database().execute("SELECT json FROM reply WHERE key = ?", (self._key(request),)).fetchone()
            return None if row is None else replace(_reply(row[0]), cached=True)

    def put(self, request: Request, reply: Reply) -> None:
        """Keep the reply to a request."""
        content = json.dumps(asdict(replace(reply, cached=False)), separators=(",", ":"))
        with self._lock, self._cache_errors():
            self._database().execute("INSERT OR REPLACE INTO reply VALUES (?, ?)", (self._key(request), content))

    def _key(self, request: Request) -> str:
        return sha256(f"{self._scope} {request.key}".encode()).hexdigest() if self._scope else request.key

    def close(self) -> None:
        """Close the file, where it is open."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
            self._opened = None

    @contextmanager
    def _cache_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, OSError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else problem
            raise UserError(f"{self.path}: the cache of answers cannot be read or written ({reason})") from problem
        except (sqlite3.DatabaseError, ValueError, TypeError, RecursionError) as problem:
            reason = str(problem)[:200]
            raise UserError(
                f"{self.path}: this cache of answers is damaged ({reason}); "
                "move it away, what is in it is then asked anew"
            ) from problem


def _reply(stored_text: object) -> Reply:
    """A reply as it was kept. Raises ValueError, TypeError or RecursionError where it is none."""
    if not isinstance(stored_text, str):
        raise ValueError("a reply is no text")
    content = json.loads(stored_text)
    if not isinstance(content, dict):
        raise ValueError("a reply is no object")
    reply = Reply(**content)
    texts = isinstance(reply.text, str) and isinstance(reply.model, str) and isinstance(reply.finish, str)
    cached = 0 if reply.tokens_cached is None else reply.tokens_cached
    counts = all(type(count) is int and count >= 0 for count in (reply.tokens_in, reply.tokens_out, cached))
    if not (texts and counts and isinstance(reply.refusal, str | None) and isinstance(reply.cached, bool)):
        raise ValueError("a reply's values are of other types")
    return reply
