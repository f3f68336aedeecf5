"""Marks of the chat format that models leave in their answers, as <|im_end|>."""

from __future__ import annotations

from typing import Any

GROUNDING = frozenset({"[SEG]", "<p>", "</p>"})


def without_special_tokens(text: str, tokenizer: Any) -> str:  # noqa: ANN401 - of transformers
    """The text without the tokenizer's special tokens, but with those that mark phrases and masks."""
    added = getattr(tokenizer, "added_tokens_decoder", {}).values()
    special = {str(token) for token in added if token.special} | set(getattr(tokenizer, "all_special_tokens", ()))
    for token in sorted(special - GROUNDING, key=len, reverse=True):
        text = text.replace(token, "")
    return text.strip()
