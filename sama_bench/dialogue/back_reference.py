"""Words of a question that lean on what was said before it."""

from __future__ import annotations

import re

PLACEHOLDER = "<mask>"
_other = re.compile(r"\bthe other(?:s| one| ones)?\b", re.IGNORECASE)
_pronoun = re.compile(
    r"\b(?:the same|it|its|itself|they|them|their|theirs|he|him|his|she|her|hers|this one|that one|these|those)\b",
    re.IGNORECASE,
)
_link = re.compile(r"\b(?:also|then|other|others|another|as well|instead)\b", re.IGNORECASE)


def names_the_other(text: str) -> bool:
    """Whether a text speaks of "the other one"."""
    return bool(_other.search(text))


def refers_back(text: str) -> bool:
    """Whether a question has no `<mask>`, and a word that stands for something that was spoken of before."""
    return PLACEHOLDER not in text and bool(names_the_other(text) or _pronoun.search(text))


def may_lean_back(text: str) -> bool:
    """The same, or words such as "also" and "then": more than really need the past, as "Is it day?" counts, too."""
    return refers_back(text) or (PLACEHOLDER not in text and bool(_link.search(text)))
