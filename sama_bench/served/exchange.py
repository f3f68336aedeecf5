"""One exchange with a server: a request out, a chat completion in, within limits of time and size."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sama_bench.served.address import without
from sama_bench.served.reply import reply_of
from sama_bench.served.requests import Reply

if TYPE_CHECKING:
    import openai

LARGEST = 32_000_000


class TooLarge(Exception):
    """A server sends more than any answer has."""


async def exchange(client: openai.AsyncOpenAI, sent: Mapping[str, Any], seconds: float, key: str) -> Reply:
    """Send `sent` once and read the reply, in which `key` is blotted out.

    Raises what the openai package raises, asyncio.TimeoutError after `seconds` in all (a server may send a byte now and
    then for ever), TooLarge for more than 32 MB, and ValueError where what comes is no chat completion.
    """
    from openai.types.chat import ChatCompletion

    content = await asyncio.wait_for(_content(client, sent), seconds)
    said = json.loads(without(key, content.decode(errors="replace")))
    if not isinstance(said, dict):
        raise ValueError("not a chat completion")
    return reply_of(ChatCompletion.construct(**said))


async def _content(client: openai.AsyncOpenAI, sent: Mapping[str, Any]) -> bytes:
    # As `extra_body` the package does not go through the messages part by part, which takes longer than sending them.
    asked = client.chat.completions.with_streaming_response.create(messages=[], model="", extra_body=sent)
    content = bytearray()
    async with asked as response:
        async for piece in response.iter_bytes():
            content += piece
            if len(content) > LARGEST:
                raise TooLarge
    return bytes(content)
