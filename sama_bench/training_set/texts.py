"""What is wrong with the texts of SAMA-239K: marks that do not pair up, and leftovers of how they were made."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sama_bench.training_set.samples import Round

# One phrase of an answer and its mask; anything else that is a mark is out of turn.
_marks = re.compile(r"<p>|</p>|\[SEG\]")
_old_marks = re.compile(r"<seg>|<g_s>|<g_e>", re.IGNORECASE)
_tag = re.compile(r"<\s*/?\s*obj[_ ]?[0-9]*\s*>|\bobj[_ ]?[0-9]+\b", re.IGNORECASE)
_colours = "red|green|blue|yellow|orange|purple|pink|cyan|magenta|brown|lime|teal|violet|gr[ae]y|white|black"
_box = re.compile(
    rf"\b(?:{_colours})(?:-|\s)?(?:colou?red\s+)?(?:bounding\s+)?(?:box|rectangle|outline|frame|border)(?:es)?\b"
    r"|\bbounding\s+box(?:es)?\b",
    re.IGNORECASE,
)
_json = re.compile(r'"\s*:\s*["\[{]|\\n|\\"|```|^\s*[\[{]\s*"|"\s*[\]}]\s*,?\s*$')
BEGINNING = "<video>\n"


def of_round(one: Round) -> Iterator[str]:
    """The kinds of defects that the texts of a round have, each once."""
    question, answer = one.question.value, one.answer.value
    if _old_marks.search(answer):
        yield "old marks"
    elif not _in_turn(answer):
        yield "unpaired phrase"
    for text in (question.removeprefix(BEGINNING), answer):
        if not text.strip():
            yield "empty text"
    yield from leftovers(f"{question}\n{answer}")


def leftovers(text: str) -> Iterator[str]:
    """The kinds of leftovers of the making that a text has, each once."""
    if _tag.search(text):
        yield "tag left"
    if _box.search(text):
        yield "box left"
    if _json.search(text):
        yield "JSON left"


def _in_turn(answer: str) -> bool:
    """Whether each [SEG] follows a phrase, and each phrase has its [SEG]."""
    marks = _marks.findall(answer)
    return len(marks) % 3 == 0 and all(
        marks[place : place + 3] == ["<p>", "</p>", "[SEG]"] for place in range(0, len(marks), 3)
    )
