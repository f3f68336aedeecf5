"""Objects whose boxes stand in the text: `<ref>the dog</ref><box>[[…]]</box>`, or `the dog [x, y, x, y]`."""

from __future__ import annotations

import re

from sama_bench.prompting.json_objects import NUMBER, fours, numbers
from sama_bench.prompting.parsed_objects import MOST, NamedObject, Piece

# The tokens of other generations of the same models.
SAME = {
    "<|object_ref_start|>": "<ref>", "<|object_ref_end|>": "</ref>",
    "<|box_start|>": "<box>", "<|box_end|>": "</box>",
    "<bbox>": "<box>", "</bbox>": "</box>",
}  # fmt: skip
DETERMINERS = frozenset(
    {"a", "an", "the", "this", "that", "these", "those", "his", "her", "its", "their", "my", "your", "our", "another",
     "each", "every", "one", "two", "three", "four", "some", "several"}
)  # fmt: skip
REACH = 6
_tags = re.compile("(</?ref>|</?box>)")
_number = rf"\s{{0,3}}(?:{NUMBER.pattern})\s{{0,3}}"
_four = rf"[\[(]\s{{0,3}}\[?{_number},{_number},{_number},{_number}\]?\s{{0,3}}[\])]"
_points = rf"\({_number},{_number}\)\s{{0,3}},\s{{0,3}}\({_number},{_number}\)"
_brackets = re.compile(f"{_four}|{_points}", re.IGNORECASE)
_clause = re.compile(r"[.,;:!?\n]")


def in_text(answer: str) -> list[Piece]:
    """The answer as pieces of text and the objects between them, in order. Takes linear time."""
    for token, tag in SAME.items():
        answer = answer.replace(token, tag)
    return _Scan().pieces(answer)


class _Scan:
    """Goes through the tags of an answer once."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._count = 0

    def pieces(self, answer: str) -> list[Piece]:
        within, phrase = "", ""
        for part in _tags.split(answer):
            if part in {"<ref>", "<box>"}:
                within = part
                phrase = self._left(phrase) if part == "<ref>" else phrase
            elif part in {"</ref>", "</box>"}:
                within = ""
            elif within == "<ref>":
                phrase = part.strip()
            elif within == "<box>":
                self._object(phrase, part)
                phrase = ""
            elif part.strip():
                phrase = self._left(phrase)
                self._plain(part)
        self._left(phrase)
        return self._pieces

    def _left(self, phrase: str) -> str:
        """A phrase for which no box came is just text."""
        if phrase:
            self._pieces.append(phrase)
        return ""

    def _object(self, phrase: str, box: str) -> None:
        if self._count == MOST:
            self._left(phrase)
            return
        self._count += 1
        self._pieces.append(NamedObject(phrase or self._before(), fours(numbers(box))))

    def _plain(self, text: str) -> None:
        reached = 0
        for match in _brackets.finditer(text):
            self._pieces.append(text[reached : match.start()])
            self._object("", match.group())
            reached = match.end()
        self._pieces.append(text[reached:])

    def _before(self) -> str:
        """Take the words that name an object off the end of the text before its box."""
        text = self._pieces[-1] if self._pieces and isinstance(self._pieces[-1], str) else ""
        tail = _clause.split(text[-200:].rstrip(" \t\n:"))[-1].split()
        if not tail:
            return ""
        near_words = tail[-REACH:]
        start = max((place for place, word in enumerate(near_words) if word.lower() in DETERMINERS), default=None)
        words = near_words[start:] if start is not None else tail if len(tail) <= 3 else tail[-1:]
        phrase = " ".join(words)
        # The text before holds these words with whatever white space between them.
        at = len(text)
        for word in reversed(words):
            at = text.rfind(word, 0, at)
        self._pieces[-1] = text[:at]
        return phrase
