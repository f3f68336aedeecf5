"""Answers that name their objects by phrases alone, for grounders that find a phrase in a video."""

from __future__ import annotations

import re
from typing import NamedTuple

from sama_bench.prompting.json_objects import PHRASES, TEXTS
from sama_bench.prompting.parsed_objects import MOST, NamedObject, clean, marked, placed
from sama_bench.prompting.timed_objects import json_values

LISTS = ("phrases", "objects", "noun_phrases", "groundings")
NOTHING = "no phrase could be read out of the answer"
_own = re.compile(r"<(p|ref)>(.{1,300}?)</\1>", re.DOTALL)


class PhraseReading(NamedTuple):
    """The text with a [SEG] behind each phrase, and why no phrase could be read (None where one was, or none is)."""

    text: str
    unread: str | None


def read_phrases(answer: str, *, track: bool) -> PhraseReading:
    """Read `{"answer": …, "phrases": […]}`, or a text with `<p>…</p>` or `<ref>…</ref>` around its phrases.

    With `track` the first phrase alone counts, and a text without any is one itself.
    """
    text, phrases, listed = _from_json(answer)
    if not listed:
        phrases = [found.group(2) for found in _own.finditer(answer)]
        text = _own.sub(lambda found: found.group(2), answer)
    words = clean(text)
    named = [NamedObject(phrase, ()) for phrase in map(clean, phrases[:MOST]) if phrase]
    if track:
        first = named[:1] or ([NamedObject(words[:300], ())] if words and not listed else [])
        return PhraseReading(marked(list(first), [True] * len(first)), None if first or listed else NOTHING)
    return PhraseReading(marked(placed(words, named), [True] * len(named)), None if named or listed else NOTHING)


def _from_json(answer: str) -> tuple[str, list[str], bool]:
    """The text, the phrases, and whether a list of phrases was there at all."""
    for value in json_values(answer):
        if isinstance(value, list) and all(isinstance(item, str) for item in value) and value:
            return "", [str(item) for item in value], True
        if not isinstance(value, dict):
            continue
        text = next((value[key] for key in TEXTS if isinstance(value.get(key), str)), "")
        listed = next((value[key] for key in LISTS if isinstance(value.get(key), list)), None)
        phrase = next((value[key] for key in ("phrase", "noun_phrase") if isinstance(value.get(key), str)), None)
        if listed is not None:
            return text, [name for name in map(_phrase, listed) if name], True
        if phrase is not None:
            return text, [phrase], True
        if text:
            return text, [found.group(2) for found in _own.finditer(text)], True
    return "", [], False


def _phrase(entry: object) -> str:
    if isinstance(entry, dict):
        return next((entry[key] for key in PHRASES if isinstance(entry.get(key), str)), "")
    return entry if isinstance(entry, str) else ""
