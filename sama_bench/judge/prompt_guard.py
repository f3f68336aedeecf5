"""Strangers' texts as a prompt may hold them: cut, without hidden characters, between lines that they cannot forge."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from hashlib import sha256

from sama_bench.metrics import grounding_marks as marks
from sama_bench.run.predictions import mended

LINES_KEPT = "\n\t"
WORDS, CHARACTERS = 500, 4000
# What chat templates of open models take for the end of a text or the turn of another speaker.
_speakers = re.compile(r"<(?=\|)|\|(?=>)|[<\[](?=/?(?:s>|INST\]|think>|start_of_turn>|end_of_turn>|<SYS))")


def mark_of(texts: Iterable[str]) -> str:
    """16 hexadecimal digits made of the texts, which none of them holds: the same texts always give the same mark."""
    text_list = list(texts)
    content = "\0".join(text_list).encode()
    while True:
        content = sha256(content).digest()
        mark = content.hex()[:16]
        if not any(mark in text for text in text_list):
            return mark


def fenced(name: str, text: str, mark: str) -> str:
    """The text between two lines that carry its name and the mark."""
    return f"[BEGIN {name.upper()} {mark}]\n{text}\n[END {name.upper()} {mark}]"


def harmless(text: str) -> str:
    """The text without characters that are not seen, and with a blank inside of what chat templates act on.

    Lone surrogates become U+FFFD. Linear in the length of the text.
    """
    text = mended(text)
    if not (text.isascii() and text.isprintable()):
        text = "".join(filter(_is_seen, text))
    return _speakers.sub(r"\g<0> ", text)


def marked(text: str) -> str:
    """An answer with its marks `<p> … </p> [SEG]`, at most 500 words and 4,000 characters."""
    return " ".join(text.split()[:WORDS])[:CHARACTERS]


def plain(text: str) -> str:
    """An answer as the caption metrics see it: without marks, at most 300 words and 2,000 characters."""
    return marks.plain(text)


def _is_seen(character: str) -> bool:
    return character in LINES_KEPT or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}
