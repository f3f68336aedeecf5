"""The words with which the benchmark asks for groundings, which a general model would not understand."""

from __future__ import annotations

ASKED = "interleaved segmentation masks"
ENDS = ".?!\n"


def grounded(text: str) -> bool:
    """Whether a question's text asks for groundings."""
    return ASKED in text


def without_request(text: str) -> str:
    """The text without the sentences that ask for interleaved segmentation masks, stripped."""
    while (at := text.find(ASKED)) >= 0:
        start = max(text.rfind(end, 0, at) for end in ENDS) + 1
        stop = next((place for place in range(at + len(ASKED), len(text)) if text[place] in ENDS), len(text) - 1) + 1
        text = f"{text[:start]}{text[stop:]}"
    return text.strip()
