"""The words with which the benchmark asks for groundings, which a general model would not understand."""

from __future__ import annotations

from sama_bench.prompting.marks import PLACEHOLDER
from sama_bench.types import Question

ASKED = "interleaved segmentation masks"
SUFFIX = "Response with interleaved segmentation masks."  # what the dialogue task adds
ENDS = ".?!\n"


def grounded(text: str) -> bool:
    """True if a question's text asks for groundings."""
    return ASKED in text


def wants_grounding(question: Question) -> bool:
    """True if an answer to the question is to point at something."""
    return question.expects == "track" or (question.expects == "phrases" and grounded(question.text))


def without_request(text: str) -> str:
    """The text without the task's suffix and without other sentences that ask for interleaved segmentation masks.

    Whatever of such a sentence stands before a `<mask>` in it, and that itself, stays; so does all where nothing else
    would be left.
    """
    text = text.strip().removesuffix(SUFFIX).strip()
    left = text
    while (at := left.find(ASKED)) >= 0:
        left = _cut(left, at)
    return left.strip() or text


def _cut(text: str, position: int) -> str:
    """The text without the sentence around `position`, as far as it has no `<mask>`."""
    before = [place + len(end) for end in (*ENDS, PLACEHOLDER) if (place := text.rfind(end, 0, position)) >= 0]
    behind = [place + len(end) for end in ENDS if (place := text.find(end, position)) >= 0]
    behind += [place for place in [text.find(PLACEHOLDER, position)] if place >= 0]
    return text[: max(before, default=0)] + text[min(behind, default=len(text)) :]
