"""The words with which the benchmark asks for groundings, which a general model would not understand."""

from __future__ import annotations

from sama_bench.prompting.marks import PLACEHOLDER
from sama_bench.types import Question

ASKED = "interleaved segmentation masks"
SUFFIX = "Response with interleaved segmentation masks."  # what the dialogue task adds
ENDS = ".?!\n"


def grounded(text: str) -> bool:
    """Whether a question's text asks for groundings."""
    return ASKED in text


def wants_grounding(question: Question) -> bool:
    """Whether an answer to the question is to point at something."""
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


def _cut(text: str, at: int) -> str:
    """The text without the sentence around `at`, as far as it has no `<mask>`."""
    before = [found + len(end) for end in (*ENDS, PLACEHOLDER) if (found := text.rfind(end, 0, at)) >= 0]
    behind = [found + len(end) for end in ENDS if (found := text.find(end, at)) >= 0]
    behind += [found for found in [text.find(PLACEHOLDER, at)] if found >= 0]
    return text[: max(before, default=0)] + text[min(behind, default=len(text)) :]
