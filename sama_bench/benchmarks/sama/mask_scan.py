"""A mask dictionary read as a stream: each annotation with its place in the file, one in memory at a time."""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from sama_bench.files.repeated_keys import RepeatedKeys

CHUNK = 1 << 22
LONGEST = 1 << 28
SPACE = " \t\n\r"
# The longest token that the end of a chunk can cut without leaving an open quote: "-Infinity", "\ud83d\ude00".
TOKEN = 16


class ScanError(ValueError):
    """The file is not a JSON object in UTF-8; the message says where and why."""


class Item(NamedTuple):
    """One entry of the object: its key, its parsed value, and which bytes of the file are the value.

    `repeated` says which keys stand twice in an object of the value. The entry's own key may have been there before.
    """

    key: str
    value: object
    offset: int
    length: int
    repeated: RepeatedKeys


class Scan:
    """Iterates over the entries of the JSON object in a file.

    Memory is bounded by a few times the largest value, not by the file. Text that is not ASCII comes out
    garbled in values (not in keys). Raises ScanError while iterating; `sha256` may be asked for at any
    time, it reads what is left of the file.
    """

    def __init__(self, path: Path, file: IO[bytes], chunk: int = CHUNK) -> None:
        self._path, self._file, self._chunk = path, file, chunk
        self._hash = hashlib.sha256()
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        # Latin-1 makes one character of each byte: places in the text are places in the file, and a
        # character of UTF-8 cut at the end of a chunk does no harm.
        self._text, self._base, self._at = "", 0, 0
        self._repeated = RepeatedKeys()
        self._decode = json.JSONDecoder(object_pairs_hook=self._object).raw_decode

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return self._repeated(pairs)

    def sha256(self) -> str:
        """The digest of the whole file, in hexadecimal."""
        while content := self._file.read(self._chunk):
            self._hash.update(content)
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[Item]:
        self._more()
        self._at = 3 if self._text.startswith("\xef\xbb\xbf") else 0
        if not self._peek():
            raise ScanError("the file is empty")
        self._expect("{", "the { of an object")
        if self._peek() == "}":
            self._at += 1
        else:
            yield from self._items()
        if self._peek():
            raise self._fault(self._at, "something follows the end of the object")

    def _items(self) -> Iterator[Item]:
        while True:
            key = self._key()
            self._expect(":", "a colon")
            self._peek()
            value, begin, end = self._value()
            yield Item(key, value, begin, end - begin, self._repeated)
            if self._expect(",}", "a comma or the } of the object") == "}":
                return

    def _key(self) -> str:
        if self._peek() != '"':
            raise self._fault(self._at, "expected an annotation id in double quotes")
        _, begin, end = self._value()
        raw = self._text[begin - self._base : end - self._base]
        return str(json.loads(raw.encode("latin-1").decode("utf-8")))

    def _peek(self) -> str:
        """The next character that is not white space, "" at the end of the file."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def _expect(self, expected: str, name: str) -> str:
        character = self._peek()
        if not character or character not in expected:
            raise self._fault(self._at, f"expected {name}")
        self._at += 1
        return character

    def _value(self) -> tuple[object, int, int]:
        """The value that begins here, and the places in the file of its begin and end."""
        while True:
            self._repeated = RepeatedKeys()
            try:
                value, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as problem:
                if self._cut(problem) and self._more():
                    continue
                raise self._fault(problem.pos, problem.msg) from problem
            except RecursionError as problem:
                raise self._fault(self._at, "nested too deeply") from problem
            except ValueError as problem:
                raise self._fault(self._at, "a number is too long") from problem
            # A number may go on behind the end of the chunk ("1e-" is read as 1).
            if isinstance(value, dict | list | str) or end + 2 < len(self._text) or not self._more():
                begin, self._at = self._at, end
                return value, self._base + begin, self._base + end

    def _cut(self, problem: json.JSONDecodeError) -> bool:
        """Whether the error may come only from the text's ending here."""
        if len(self._text) - self._at > LONGEST:
            return False
        return problem.msg.startswith("Unterminated") or problem.pos >= len(self._text) - TOKEN

    def _more(self) -> bool:
        """Drop what was read and take in as much again as is left, so that long values cost linear time.

        False, and nothing is dropped, at the end of the file.
        """
        content = self._file.read(max(self._chunk, len(self._text) - self._at))
        self._hash.update(content)
        pending = len(self._utf8.getstate()[0])
        try:
            self._utf8.decode(content, final=not content)
        except UnicodeDecodeError as problem:
            place = self._base + len(self._text) - pending + problem.start
            raise ScanError(f"not UTF-8 at byte {place}") from problem
        if not content:
            return False
        rest = self._text[self._at :]
        self._base, self._at, self._text = self._base + self._at, 0, rest + content.decode("latin-1")
        return True

    def _fault(self, at: int, message: str) -> ScanError:
        line, column = _line_and_column(self._path, self._base + at)
        cut = " (the file seems cut off)" if not self._text[at:].strip(SPACE) else ""
        return ScanError(f"not JSON at line {line}, column {column}: {message}{cut}")


def _line_and_column(path: Path, offset: int) -> tuple[int, int]:
    """The place of a byte as an editor tells it, both counted from 1 (the column in bytes)."""
    line, column = 1, offset
    with path.open("rb") as file:
        while offset > 0 and (content := file.read(min(CHUNK, offset))):
            offset -= len(content)
            line += content.count(b"\n")
            last = content.rfind(b"\n")
            if last >= 0:
                column = offset + len(content) - last - 1
    return line, column + 1
