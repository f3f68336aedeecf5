"""The reply in a chat completion."""

from __future__ import annotations

from typing import Any

from sama_bench.llm_client.requests import Reply

LONGEST = 1_000_000
TOO_LONG = "too long"
MOST_TOKENS = 1e12
TEXT_PARTS = ("text", "output_text")


def reply_of(completion: Any) -> Reply:  # noqa: ANN401 - a server may send anything
    """Take the reply out of a chat completion; of a text the first million characters. Raises ValueError for none."""
    try:
        choice = completion.choices[0]
        message, usage = choice.message, completion.usage
        text, refusal, finish = message.content, getattr(message, "refusal", None), choice.finish_reason
    except (AttributeError, LookupError, TypeError) as problem:
        raise ValueError("not a chat completion") from problem
    text, refused_in = _joined(text)
    refusal = refusal or refused_in
    refused = refusal or ("content filter" if finish == "content_filter" else None)
    return Reply(
        text="" if refused else text[:LONGEST],
        model=str(completion.model or ""),
        tokens_in=_count(getattr(usage, "prompt_tokens", 0)),
        tokens_out=_count(getattr(usage, "completion_tokens", 0)),
        tokens_cached=_cached(usage),
        finish=TOO_LONG if len(text) > LONGEST else str(finish or ""),
        refusal=str(refused)[:LONGEST] if refused else None,
    )


def _joined(content: object) -> tuple[str, str]:
    """The text of a message, and what is a refusal in it; of content in parts, thoughts and pictures are left out.

    Raises ValueError where it is neither a text nor parts.
    """
    if content is None or isinstance(content, str):
        return content or "", ""
    if not isinstance(content, list) or not all(isinstance(part, (str, dict)) for part in content):
        raise ValueError("not a text")
    texts, refusals = [], []
    for part in (
        {"type": "text", "text": part_or_text} if isinstance(part_or_text, str) else part_or_text
        for part_or_text in content
    ):
        if part.get("type") in TEXT_PARTS and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif part.get("type") == "refusal":
            refusals.append(str(part.get("refusal")))
    return "".join(texts), " ".join(refusals)


def _cached(usage: object) -> int | None:
    """The tokens of a prompt that the server had kept; None where it does not tell."""
    details = getattr(usage, "prompt_tokens_details", None)
    value: object = (
        details.get("cached_tokens") if isinstance(details, dict) else getattr(details, "cached_tokens", None)
    )
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value < MOST_TOKENS else None


def _count(value: object) -> int:
    """A number of tokens; 0, which is taken as not told, where `value` is none."""
    return int(value) if isinstance(value, (int, float)) and 0 < value < MOST_TOKENS else 0
