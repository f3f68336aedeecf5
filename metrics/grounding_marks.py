"""The marks in a grounded answer: `<p> a phrase </p> [SEG]`, and the text without them.

Everything here takes time linear in the length of the text, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

OPEN, CLOSE, SEGMENT = "<p>", "</p>", "[SEG]"
MARKS = (OPEN, CLOSE, SEGMENT, "<|im_end|>", "<s>", "<|end|>")
WORDS, CHARACTERS = 300, 2000

_marks = re.compile("|".join(map(re.escape, MARKS)))
_white = re.compile(r"\s+")


def modern(text: str) -> str:
    """The text with the older marks `<g_s>`, `<g_e>`, `<seg>` written as `<p>`, `</p>`, `[SEG]`."""
    return text.replace("<seg>", SEGMENT).replace("<g_s>", OPEN).replace("<g_e>", CLOSE)


def plain(text: str) -> str:
    """The text as the caption metrics see it.

    As SAMA-Bench releases it: the marks are cut (once, so what closes up around a cut one stays), runs of white
    space become one blank, the ends are stripped, then only the first 300 words, then the first 2,000 characters
    are kept. '' stays ''.
    """
    cleaned = _white.sub(" ", _marks.sub("", text)).strip()
    return " ".join(cleaned.split()[:WORDS])[:CHARACTERS]


def phrases(text: str) -> list[str]:
    """The phrase of each `<p>…</p>`, in order, stripped and lower-cased; a `<p>` without `</p>` counts for nothing."""
    return [phrase for _, phrase in _spans(text)]


def groundings(text: str) -> list[str]:
    """The phrase of each `[SEG]`, in order, stripped and lower-cased.

    It is the last `<p>…</p>` that ends before this `[SEG]` and after the previous one; '' where there is none.
    """
    spans = _spans(text)
    end, phrase = next(spans, (len(text) + 1, ""))
    phrases_found = []
    for at in _places(text, SEGMENT):
        last = ""
        while end <= at:
            last = phrase
            end, phrase = next(spans, (len(text) + 1, ""))
        phrases_found.append(last)
    return phrases_found


def _spans(text: str) -> Iterator[tuple[int, str]]:
    """End and phrase of each `<p>…</p>`: the matches of a non-greedy pattern, which would take quadratic time."""
    start = text.find(OPEN)
    while start >= 0 and (stop := text.find(CLOSE, start + len(OPEN))) >= 0:
        yield stop + len(CLOSE), text[start + len(OPEN) : stop].strip().lower()
        start = text.find(OPEN, stop + len(CLOSE))


def _places(text: str, mark: str) -> Iterator[int]:
    at = text.find(mark)
    while at >= 0:
        yield at
        at = text.find(mark, at + len(mark))
