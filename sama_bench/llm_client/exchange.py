"""One exchange with a server: a request out, a chat completion in, within limits of time and size."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sama_bench.llm_client.redaction import without
from sama_bench.llm_client.reply import reply_of
from sama_bench.llm_client.requests import Reply

if TYPE_CHECKING:
    import openai

LARGEST = 32_000_000


class TooLarge(Exception):
    """A server sends more than any answer has."""


class ErrorInside(Exception):
    """A server says with status 200 that something went wrong; `body` is what it says of it."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        super().__init__("an error in a reply of status 200")
        self.body = body


async def exchange(client: openai.AsyncOpenAI, sent: Mapping[str, Any], seconds: float, key: str) -> Reply:
    """Send `sent` once and read the reply, in which `key` is blotted out.

    Raises what the openai package raises, asyncio.TimeoutError after `seconds` in all (a server may send a byte now and
    then for ever), TooLarge for more than 32 MB, ErrorInside for an error in place of an answer, and ValueError where
    what comes is no chat completion.
    """
    content = await asyncio.wait_for(_content(client, sent), seconds)
    try:
        parsed = json.loads(without(key, content.decode(errors="replace")))
    except RecursionError as problem:
        raise ValueError("not a chat completion") from problem
    return read(parsed, key)


def read(completion: object, key: str) -> Reply:
    """The reply in a chat completion in JSON, without the key. Raises as `exchange` does."""
    from openai.types.chat import ChatCompletion

    if not isinstance(completion, dict):
        raise ValueError("not a chat completion")
    if (error := _error(completion)) is not None:
        raise ErrorInside(error)
    reply = reply_of(ChatCompletion.construct(**completion))
    # Once more: content that came in parts may have had the key across them.
    refusal = None if reply.refusal is None else without(key, reply.refusal)
    text, model, finish = (without(key, part) for part in (reply.text, reply.model, reply.finish))
    return replace(reply, text=text, model=model, finish=finish, refusal=refusal)


def _error(completion: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The error in a body, in the ways of several servers; None where there is none."""
    choices = completion.get("choices")
    first = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    for error in (completion.get("error"), first.get("error")):
        if isinstance(error, dict) and error:
            return error
        if isinstance(error, str) and error:
            return {"message": error}
    if first.get("finish_reason") == "error":
        return {"message": "the answer ended in an error"}
    return completion if completion.get("object") == "error" else None


async def _content(client: openai.AsyncOpenAI, sent: Mapping[str, Any]) -> bytes:
    # As `extra_body` the package does not go through the messages part by part, which takes longer than sending them.
    streaming = client.chat.completions.with_streaming_response.create(messages=[], model="", extra_body=sent)
    content = bytearray()
    async with streaming as response:
        async for piece in response.iter_bytes():
            content += piece
            if len(content) > LARGEST:
                raise TooLarge
    return bytes(content)
