"""An OpenAI-compatible server on loopback for measuring and testing: what it answers, a subclass says."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What is sent back: a status with a body, after some seconds; `cut` of its bytes only, then the line is dead."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    cut: int | None = None

    def to_bytes(self) -> bytes:
        """The answer as HTTP/1.1."""
        headers = {"Content-Type": "application/json", "Content-Length": str(len(self.body)), **self.headers}
        head = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return (head.encode() + b"\r\n" + self.body)[: self.cut]


def said(text: str | None, *, model: str = "desk-1", finish: str = "stop", refusal: str | None = None) -> bytes:
    """A chat completion with this text."""
    message = {"role": "assistant", "content": text, "refusal": refusal}
    usage = {"prompt_tokens": 400, "completion_tokens": 20, "total_tokens": 420}
    choices = [{"index": 0, "finish_reason": finish, "message": message}]
    whole = {"id": "x", "object": "chat.completion", "created": 0, "model": model, "choices": choices, "usage": usage}
    return json.dumps(whole).encode()


def trouble(message: str) -> bytes:
    """The body of an error."""
    return json.dumps({"error": {"message": message, "type": "trouble"}}).encode()


class Desk:
    """The server. More than `at_once` requests at a time are refused with 429."""

    def __init__(self, at_once: int = 1_000_000) -> None:
        self.at_once, self.busy = at_once, 0

    def answer(self, request: dict[str, Any]) -> Answer:
        """What a request's JSON is answered with."""
        raise NotImplementedError

    def told(self, request: dict[str, Any]) -> None:
        """Called when a whole answer has been handed to the network."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other."""
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
        request = json.loads(await reader.readexactly(length))
        if self.busy >= self.at_once:
            answer = Answer(trouble("slow down"), 429)
        else:
            self.busy += 1
            try:
                answer = self.answer(request)
                await asyncio.sleep(answer.seconds)
            finally:
                self.busy -= 1
        writer.write(answer.to_bytes())
        await writer.drain()
        if answer.cut is None:
            self.told(request)
        return answer.cut is None

    async def run(self, begun: Any) -> None:  # noqa: ANN401 - any call with a port
        """Listen on a free port of loopback, tell it, and serve for ever."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=1 << 20, backlog=1024)
        begun(server.sockets[0].getsockname()[1])
        await server.serve_forever()


@contextmanager
def beside(desk: Desk) -> Iterator[str]:
    """The server in a thread of this process: its address."""
    loop, ports = asyncio.new_event_loop(), []
    begun = threading.Event()

    def tell(port: int) -> None:
        ports.append(port)
        begun.set()

    def serve() -> None:
        task = loop.create_task(desk.run(tell))
        loop.run_forever()
        task.cancel()
        for one in asyncio.all_tasks(loop):
            one.cancel()
        loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(loop), return_exceptions=True))
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    begun.wait()
    try:
        yield f"http://127.0.0.1:{ports[0]}/v1"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
