"""METEOR's table of paraphrases, of which only what some texts can need is read.

METEOR 1.5 reads 5.3 million pairs of phrases (272 MB) before it scores its first text. A pair matters to two texts
only where one of its phrases stands in the one and the other in the other, and the pairs of a phrase are tried in the
order of the table. So a table of the pairs whose two phrases both occur among the texts gives the same alignments. An
index of the whole table, made once, finds these pairs.
"""

from __future__ import annotations

import gzip
import os
import tempfile
import zipfile
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import IO

VERSION = 1
LONGEST = 7  # words of the longest phrase in the table of METEOR 1.5
READ_AT_ONCE = 1 << 20
BLOCK_BYTES = 1 << 16
BLOCKS_KEPT = 256  # in memory, 16 MB
GZIP_END = 8  # a gzip file ends in the CRC-32 and the length of its content
PHRASES, COUNTS = "phrases", "counts"
DAMAGED = (OSError, EOFError, ValueError, LookupError, RuntimeError, zipfile.BadZipFile, zlib.error)


class Paraphrases:
    """The pairs of METEOR's gzip file `table`, found by an index.

    The index is kept in `folder` under a name that follows from the table's content, and made where it is absent or
    damaged: 30 MB, in about as many seconds as METEOR needs to read the table. Use it as a context manager, or `close`
    it. Raises OSError where the table cannot be read or the index not be written, ValueError where the table is not
    three lines a pair in the order of the first phrases.
    """

    def __init__(self, table: Path, folder: Path) -> None:
        self._table = table
        self._kept = folder / f"paraphrases-{VERSION}-{_content_of(table)}.zip"
        try:
            self._index = _Index(self._kept.open("rb"))
        except DAMAGED:
            self._index = self._made_index()

    def __enter__(self) -> Paraphrases:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the index."""
        self._index.close()

    def among(self, phrases: Iterable[str]) -> list[tuple[str, str]]:
        """The pairs whose two phrases both are of `phrases` (words with a blank between), as the table orders them."""
        phrase_bytes = {phrase.encode("utf-8", "surrogatepass") for phrase in phrases}
        try:
            pairs = self._index.among(phrase_bytes)
        except DAMAGED:
            self.close()
            self._index = self._made_index()
            pairs = self._index.among(phrase_bytes)
        return [(phrase.decode(), other.decode()) for phrase, other in pairs]

    def _made_index(self) -> _Index:
        _replace(self._kept, self._table)
        return _Index(self._kept.open("rb"))


class _Index:
    """An index in an open file, which it closes; raises one of DAMAGED where that is none."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        try:
            self._members = zipfile.ZipFile(file)
            self._phrases = self._members.read(PHRASES).split(b"\n")
            counts = [int(count) for count in self._members.read(COUNTS).split()]
        except BaseException:
            file.close()
            raise
        self._begins = [0, *accumulate(counts)][:-1]
        self._block = lru_cache(BLOCKS_KEPT)(self._read_block)

    def close(self) -> None:
        self._members.close()
        self._file.close()

    def among(self, phrase_bytes: set[bytes]) -> list[tuple[bytes, bytes]]:
        return [
            (phrase, other)
            for phrase in sorted(phrase_bytes)
            for other in self._others(phrase)
            if other in phrase_bytes
        ]

    def _others(self, phrase: bytes) -> Sequence[bytes]:
        """The second phrases of the pairs with this first one, in order; empty where there is none."""
        place = bisect_left(self._phrases, phrase)
        if place == len(self._phrases) or self._phrases[place] != phrase:
            return ()
        number = bisect_right(self._begins, place) - 1
        return self._block(number)[place - self._begins[number]].split(b"\t")

    def _read_block(self, number: int) -> list[bytes]:
        return self._members.read(str(number)).split(b"\n")


def phrases_of(words: Sequence[str], longest: int = LONGEST) -> set[str]:
    """All runs of 1 to `longest` words, with a blank between."""
    return {
        " ".join(words[begin:end])
        for begin in range(len(words))
        for end in range(begin + 1, min(begin + longest, len(words)) + 1)
    }


def write_table(pairs: Iterable[tuple[str, str]], file: IO[bytes]) -> None:
    """Write pairs as a table that METEOR reads; their probabilities, which METEOR 1.5 does not use, are lost."""
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0) as packed:
        packed.write("".join(f"1\n{first}\n{second}\n" for first, second in pairs).encode())


def _content_of(table: Path) -> str:
    """CRC-32 and length of what the gzip file holds, as the file says, in hexadecimal."""
    with table.open("rb") as file:
        file.seek(-GZIP_END, os.SEEK_END)
        return file.read(GZIP_END).hex()


def _replace(path: Path, table: Path) -> None:
    """Write the index of a table to `path`, whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _write_index(table, file)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _write_index(table: Path, file: IO[bytes]) -> None:
    """Write blocks of groups, a line with the second phrases for each first one; then the first ones, and counts."""
    phrases: list[bytes] = []
    counts: list[int] = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as index:
        for block in _blocks(table):
            index.writestr(str(len(counts)), b"\n".join(others for _, others in block))
            phrases += [phrase for phrase, _ in block]
            counts.append(len(block))
        if any(first >= second for first, second in pairwise(phrases)):
            raise ValueError(f"{table}: the paraphrases are not in the order of their first phrases")
        index.writestr(PHRASES, b"\n".join(phrases))
        index.writestr(COUNTS, " ".join(map(str, counts)))


def _blocks(table: Path) -> Iterator[list[tuple[bytes, bytes]]]:
    """Blocks of (first phrase, all its second ones with tabs between)."""
    block: list[tuple[bytes, bytes]] = []
    size = 0
    for phrase, pairs in groupby(_pairs(table), itemgetter(0)):
        others = b"\t".join([second for _, second in pairs])
        block.append((phrase, others))
        size += len(others)
        if size >= BLOCK_BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block


def _pairs(table: Path) -> Iterator[tuple[bytes, bytes]]:
    """The pairs of phrases; each stands in three lines, the first of which is a probability."""
    leftover: list[bytes] = []
    unfinished = b""
    with gzip.open(table, "rb") as file:
        while part := file.read(READ_AT_ONCE):
            *whole, unfinished = (unfinished + part).split(b"\n")
            lines = leftover + whole
            end = len(lines) - len(lines) % 3
            leftover = lines[end:]
            yield from zip(lines[1:end:3], lines[2:end:3], strict=True)
    if leftover or unfinished:
        raise ValueError(f"{table}: the last paraphrase is not complete")
