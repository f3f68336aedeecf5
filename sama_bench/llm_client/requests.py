"""Requests to a server, and its replies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any


@dataclass(frozen=True)
class Request:
    """One chat completion: messages, model and parameters of OpenAI's form. `sample` tells repeated askings apart."""

    messages: Sequence[Mapping[str, Any]]
    model: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    sample: int = 0

    @cached_property
    def key(self) -> str:
        """SHA-256 of all of it in hexadecimal: requests with one key have one answer."""
        # Kept, as it is looked at several times and pictures make it slow.
        content = [list(self.messages), self.model, dict(self.parameters), self.sample]
        return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True)
class Reply:
    """An answer. `model` and tokens are as the server reports them (0 tokens where it does not).

    `tokens_cached` are those of the prompt that the server had kept from an earlier one, None where it does not tell.

    `finish` is why it ended: `stop`, `length`, …, or `too long` where the rest of the text was left out here. `refusal`
    is what a model said in place of an answer; `text` is then ''. `cached` tells that nothing was sent.
    """

    text: str
    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int | None = None
    finish: str = "stop"
    refusal: str | None = None
    cached: bool = False


@dataclass(frozen=True)
class Failure:
    """No answer: why, and after how many tries. `refused` is whether the server would not answer such a request."""

    reason: str
    tries: int
    refused: bool = False
