"""Pickles of strangers: plain values are read out of them, and nothing in them is ever called."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any, NoReturn

from sama_bench.errors import UserError

PLAIN = "plain dictionaries, lists, texts, bytes and numbers"


class _Plain(pickle.Unpickler):
    """Python writes bytes as a call of `_codecs.encode` where a pickle is of protocol 2; no other name is known."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - as its base
        if (module, name) == ("_codecs", "encode"):
            return _latin_bytes
        if (module, name) in {("__builtin__", "bytes"), ("builtins", "bytes")}:
            return _no_bytes
        raise pickle.UnpicklingError(f"asks for {module}.{name}")

    def persistent_load(self, pid: object) -> NoReturn:
        raise pickle.UnpicklingError(f"refers to something outside of it ({pid!r:.40})")


def _latin_bytes(text: str, encoding: str) -> bytes:
    if encoding not in {"latin1", "latin-1"}:
        raise pickle.UnpicklingError(f"writes bytes as {encoding!r:.40}")
    return text.encode("latin-1")


def _no_bytes() -> bytes:
    return b""


def plain_value(content: bytes, path: Path) -> object:
    """The value of a pickle that holds nothing but plain values.

    Raises UserError, which names the file `path`, where it holds anything else or is damaged.
    """
    try:
        return _Plain(io.BytesIO(content), encoding="utf-8").load()
    except Exception as problem:  # a damaged pickle raises whatever its accidental instructions raise
        reason = str(problem) or type(problem).__name__
        raise UserError(f"{path}: not a pickle of {PLAIN} ({reason}); take it from the data again") from problem
