"""Messages over a socket: a head in JSON, and blocks of raw bytes.

A message is 12 bytes (b"sama", then the length of the head and the number of its blocks, big-endian 32 bit each), the
head, and for each block its length in 64 bit and its bytes. Strings may hold anything that Python's can.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeAlias

MAGIC = b"sama"
START = struct.Struct("!4sII")
LENGTH = struct.Struct("!Q")
MOST_HEAD = 64 << 20
MOST_BLOCKS = 100_000
MOST = 512 << 20
"""Bytes of a whole message."""
STEP = 16 << 20

Block: TypeAlias = "bytes | bytearray | memoryview"


class Gone(Exception):
    """The other process closed the connection, or ended."""


class Late(Exception):
    """The other process did not answer, or did not listen, in time."""


class Garbled(Exception):
    """What the other process sent is not what it should be; the message says why."""


class TooLarge(ValueError):
    """A message would be larger than may be sent; nothing of it was."""


@dataclass(frozen=True)
class Message:
    """One message: what kind it is of, its content as JSON's types, and its blocks."""

    kind: str
    body: dict[str, Any]
    blocks: list[bytearray]


class Channel:
    """One end of the connection. Where a method is given `until`, a value of `monotonic`, it raises Late after it."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def send(
        self, kind: str, body: dict[str, Any] | None = None, blocks: Sequence[Block] = (), until: float | None = None
    ) -> None:
        """Send a message; raises Gone where nobody is there to get it, TooLarge where nobody would take it."""
        head = json.dumps([kind, body or {}], ensure_ascii=False).encode("utf-8", "surrogatepass")
        sizes = [len(block) for block in blocks]
        if len(head) > MOST_HEAD or len(sizes) > MOST_BLOCKS or sum(sizes) + len(head) > MOST:
            raise TooLarge(f"{sum(sizes) + len(head)} bytes in {len(sizes)} blocks, at most {MOST} can be sent")
        self._write(START.pack(MAGIC, len(head), len(sizes)) + head, until)
        for size, block in zip(sizes, blocks, strict=True):
            self._write(LENGTH.pack(size), until)
            self._write(block, until)

    def receive(self, until: float | None = None) -> Message:
        """Wait for a message; raises Gone where none will come, Garbled where something else came."""
        magic, length, count = START.unpack(self._read(START.size, until))
        if magic != MAGIC:
            raise Garbled("it sent what is no message")
        if length > MOST_HEAD or count > MOST_BLOCKS:
            raise Garbled(f"it sent a head of {length} bytes with {count} blocks")
        kind, body = _parsed(self._read(length, until))
        blocks = []
        for _ in range(count):
            (size,) = LENGTH.unpack(self._read(LENGTH.size, until))
            length += size
            if length > MOST:
                raise Garbled(f"it sent a message of more than {MOST} bytes")
            blocks.append(self._read(size, until))
        return Message(kind, body, blocks)

    def close(self) -> None:
        """Close this end."""
        self._socket.close()

    def _write(self, block: Block, until: float | None) -> None:
        self._wait(until)
        try:
            self._socket.sendall(block)
        except TimeoutError as problem:
            raise Late from problem
        except OSError as problem:
            raise Gone from problem

    def _read(self, size: int, until: float | None) -> bytearray:
        """So many bytes; memory grows with what has come, and not with what was announced."""
        buffer = bytearray(min(size, STEP))
        filled = 0
        while filled < size:
            if filled == len(buffer):
                buffer.extend(bytes(min(size - filled, filled)))
            with memoryview(buffer) as view, view[filled:] as free:
                filled += self._some(free, until)
        return buffer

    def _some(self, free: memoryview, until: float | None) -> int:
        self._wait(until)
        try:
            count = self._socket.recv_into(free)
        except TimeoutError as problem:
            raise Late from problem
        except OSError as problem:
            raise Gone from problem
        if not count:
            raise Gone
        return count

    def _wait(self, until: float | None) -> None:
        self._socket.settimeout(None if until is None else max(until - monotonic(), 0.001))


def _parsed(head: bytearray) -> tuple[str, dict[str, Any]]:
    try:
        content = json.loads(head.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as problem:
        raise Garbled("it sent a head that is no JSON") from problem
    if not (isinstance(content, list) and len(content) == 2):
        raise Garbled("it sent a head of another form")
    kind, body = content
    if not (isinstance(kind, str) and isinstance(body, dict)):
        raise Garbled("it sent a head of another form")
    return kind, body
