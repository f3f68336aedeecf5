"""What a chat completion says."""

from __future__ import annotations

from math import isfinite
from typing import Any

from sama_bench.served.requests import Reply

LONGEST = 1_000_000
TOO_LONG = "too long"


def reply_of(completion: Any) -> Reply:  # noqa: ANN401 - a server may send anything
    """What a chat completion says; of a text the first million characters. Raises ValueError where it is none."""
    try:
        choice = completion.choices[0]
        message, usage = choice.message, completion.usage
        text, refusal = message.content, getattr(message, "refusal", None)
    except (AttributeError, IndexError, TypeError) as problem:
        raise ValueError("not a chat completion") from problem
    if not isinstance(text, (str, type(None))):
        raise ValueError("not a text")
    text = text or ""
    refused = refusal or ("content filter" if choice.finish_reason == "content_filter" else None)
    return Reply(
        text="" if refused else text[:LONGEST],
        model=str(completion.model or ""),
        tokens_in=_count(getattr(usage, "prompt_tokens", 0)),
        tokens_out=_count(getattr(usage, "completion_tokens", 0)),
        finish=TOO_LONG if len(text) > LONGEST else str(choice.finish_reason or ""),
        refusal=str(refused)[:LONGEST] if refused else None,
    )


def _count(said: object) -> int:
    """A number of tokens; 0, which is taken as not told, where `said` is none."""
    return int(said) if isinstance(said, (int, float)) and isfinite(said) and said > 0 else 0
