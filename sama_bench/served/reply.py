"""What a chat completion says."""

from __future__ import annotations

from typing import Any

from sama_bench.served.requests import Reply

LONGEST = 8_000_000


def reply_of(completion: Any) -> Reply:  # noqa: ANN401 - a server may send anything
    """What a chat completion says. Raises ValueError where it is none."""
    try:
        choice = completion.choices[0]
        message, usage = choice.message, completion.usage
        text, refusal = message.content, getattr(message, "refusal", None)
    except (AttributeError, IndexError, TypeError) as problem:
        raise ValueError("not a chat completion") from problem
    if not isinstance(text, (str, type(None))) or len(text or "") > LONGEST:
        raise ValueError("not a text, or far too long")
    refused = refusal or ("content filter" if choice.finish_reason == "content_filter" else None)
    return Reply(
        text="" if refused else text or "",
        model=str(completion.model or ""),
        tokens_in=int(getattr(usage, "prompt_tokens", 0) or 0),
        tokens_out=int(getattr(usage, "completion_tokens", 0) or 0),
        finish=str(choice.finish_reason or ""),
        refusal=str(refused) if refused else None,
    )
