"""Standard output and error as any text can be printed to, whatever letters the terminal or the pipe has."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
import unicodedata

HANDLER = "sama_bench.readable"
# click writes UTF-8 to what is called ASCII.
ASCII = "sama_bench_ascii"
STAND_INS = {
    "↑": "^",
    "↓": "v",
    "→": "->",
    "←": "<-",
    "‡": "#",
    "†": "+",
    "·": "*",
    "•": "*",
    "…": "...",
    "–": "-",
    "—": "-",
    "−": "-",
    "±": "+/-",
    "×": "x",
    "≥": ">=",
    "≤": "<=",
    "✓": "yes",
    "✗": "no",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "━": "=",
    "─": "-",
    "│": "|",
    "█": "#",
}


def prepare() -> None:
    """Make both streams print what their encoding lacks by stand-ins, and a closed one take and forget all."""
    _open_closed()
    codecs.register_error(HANDLER, _readable)
    codecs.register(_ascii)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_ascii = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(encoding=ASCII if is_ascii else None, errors=HANDLER)


def flush() -> None:
    """Write what waits for standard output. Raises OSError; what could not be written is forgotten then."""
    try:
        sys.stdout.flush()
    except OSError:
        forget()
        raise


def forget() -> None:
    """Let go of standard output that nobody reads any more, so that nothing fails when Python ends."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


def _open_closed() -> None:
    """A file that is opened must not become standard output or error because these were closed."""
    while (nothing := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(nothing)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - open until the end


def _readable(error: UnicodeError) -> tuple[str, int]:
    """Stand-ins for characters that the encoding lacks; half a surrogate pair is escaped."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_stand_in, error.object[error.start : error.end])), error.end


def _stand_in(character: str) -> str:
    if "\ud800" <= character <= "\udfff":
        return f"\\u{ord(character):04x}"
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return STAND_INS.get(character) or plain or "?"


def _ascii(name: str) -> codecs.CodecInfo | None:
    if name != ASCII:
        return None
    plain = codecs.lookup("ascii")
    return codecs.CodecInfo(
        plain.encode, plain.decode, plain.streamreader, plain.streamwriter,
        plain.incrementalencoder, plain.incrementaldecoder, ASCII,
    )  # fmt: skip
