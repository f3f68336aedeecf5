"""A judge's reply, read: the scores that it states, whatever it wraps them in, and never one that it does not state.

A reply that states none, several that differ, or one outside of its scale raises `Unreadable`. Time is linear in the
length of a reply, of which only the first 20,000 characters are looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from sama_bench.judge.head import Head
from sama_bench.judge.template import Template
from sama_bench.judge.verdict import Evidence, Verdict
from sama_bench.run.predictions import mended

READ, KEPT_RAW, KEPT_REASON, KEPT_QUOTE = 20_000, 2_000, 500, 300
OBJECTS_TRIED, DEPTH, QUOTES = 64, 3, 5
THOUGHT = "</think>"
Scores: TypeAlias = dict[str, float]

_number = re.compile(
    r"\s*(-?\d{1,9}(?:\.\d{1,9})?)\s*(?:(%)|(?:/|out\s{1,3}of|of)\s{0,3}(\d{1,6}(?:\.0{1,6})?))?\s*\.?\s*"
)
_alike = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "…": "..."})


class Unreadable(ValueError):
    """A reply without a verdict; the message says why."""


class _Object(dict[str, Any]):
    """A JSON object whose names are lower-cased; a name that stands twice with two values has both, as a `_Twice`."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__()
        for given, value in pairs:
            name = given.strip().lower()
            self[name] = _Twice() if name in self and self[name] != value else value


class _Twice:
    """Two values under one name."""


# NaN and Infinity stay words, and no numbers.
_decoder = json.JSONDecoder(parse_constant=lambda name: name, object_pairs_hook=_Object)


def read(reply: str, template: Template, candidate: str) -> Verdict:
    """The verdict that a reply states; `candidate` is the answer as the judge saw it. Raises Unreadable."""
    text = mended(reply.rpartition(THOUGHT)[2][:READ])
    if not text.strip():
        raise Unreadable("the reply is empty")
    stated = _stated(text, template.head)
    parts, said = stated if stated is not None else (_in_prose(text, template.head), _Object([]))
    try:
        score = template.overall(parts)
    except ValueError as problem:
        raise Unreadable(str(problem)) from problem
    reason = said.get("reason", said.get("explanation", ""))
    kept = reason if isinstance(reason, str) else json.dumps(reason, ensure_ascii=False, default=str)
    return Verdict(score, kept[:KEPT_REASON], parts, tuple(_evidence(said, template.head, candidate)))


def unscored(reason: str, raw: str, model: str | None, tries: int) -> Verdict:
    """A verdict without score, with the beginning of what was replied last."""
    return Verdict(None, reason, model=model, tries=tries, raw=mended(raw)[:KEPT_RAW])


def _stated(text: str, head: Head) -> tuple[Scores, _Object] | None:
    """The scores of the JSON objects in the text that have any, with the first of them; None where there is none."""
    problem: Unreadable | None = None
    found: list[tuple[Scores, _Object]] = []
    for one in _objects(text):
        try:
            if (with_scores := _with_scores(one, head)) is not None:
                found.append((_scores(with_scores, head), with_scores))
        except Unreadable as wrong:
            problem = wrong
    if any(scores != found[0][0] for scores, _ in found):
        raise Unreadable("the reply states several verdicts that differ")
    if problem is not None:
        raise problem
    return found[0] if found else None


def _objects(text: str) -> Iterator[_Object]:
    """The JSON objects of a text, outermost only; of what begins like one, so many are tried that time stays linear."""
    at = text.find("{")
    for _ in range(OBJECTS_TRIED):
        if at < 0:
            return
        try:
            value, end = _decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield value
        at = text.find("{", end)


def _with_scores(value: object, head: Head, depth: int = DEPTH) -> _Object | None:
    """The object in `value`, or itself, that has one of the scores."""
    if not isinstance(value, _Object) or not depth:
        return None
    if any(name.lower() in value for name in head.scores):
        return value
    inner = (_with_scores(one, head, depth - 1) for one in value.values())
    return next((one for one in inner if one is not None), None)


def _scores(stated: _Object, head: Head) -> Scores:
    if missing := [name for name in head.scores if name.lower() not in stated]:
        raise Unreadable(f"the reply states no {', '.join(missing)}")
    return {name: _score(name, stated[name.lower()], most) for name, most in head.scores.items()}


def _score(name: str, value: object, most: float) -> float:
    if isinstance(value, _Object):
        value = value.get("score", value.get("value"))
    if isinstance(value, _Twice):
        raise Unreadable(f"{name} is stated twice, differently")
    if isinstance(value, str):
        return _of_text(name, value, most)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unreadable(f"{name} is no number")
    return _checked(name, value, most)


def _of_text(name: str, text: str, most: float) -> float:
    match = _number.fullmatch(text[:40])
    if match is None:
        raise Unreadable(f"{name} is no number")
    return _checked(name, float(match[1]), most, match[2], match[3])


def _checked(name: str, value: float, most: float, percent: str | None = None, of: str | None = None) -> float:
    if (percent is not None and most != 100) or (of is not None and float(of) != most):
        raise Unreadable(f"{name} is of another scale than 0 to {most:g}")
    if not 0 <= value <= most:
        raise Unreadable(f"{name} is out of range, expected 0 to {most:g}")
    if most >= 100 and 0 < value < 1 and of is None and percent is None:
        raise Unreadable(f"{name} is below 1: of 1, or of {most:g}?")
    return float(value)


def _in_prose(text: str, head: Head) -> Scores:
    return {name: _labelled(name, text, most) for name, most in head.scores.items()}


def _labelled(name: str, text: str, most: float) -> float:
    """The number behind the score's name (`Score: 85/100`, `a score of 85`); all such numbers have to agree.

    JSON that was cut off is read in this way, too; a number on which it ends may lack digits.
    """
    label = re.compile(
        rf"\b{re.escape(name)}\b[\s*_`\"']{{0,4}}(?:[:=]|\bis\b|\bof\b)[\s*_`\"']{{0,4}}"
        r"(-?\d{1,9}(?:\.\d{1,9})?)(?![\d.]*\d)(?!\s{0,2}(?:-|–|to\b)\s{0,2}\d)"
        r"(?:[*_`\"']{0,4}\s{0,2}(?:(%)|(?:/|out of)\s{0,2}(\d{1,6})))?",
        re.IGNORECASE,
    )
    whole = (one for one in label.finditer(text) if one.end() < len(text) or "{" not in text)
    values = {_checked(name, float(one[1]), most, one[2], one[3]) for one in whole}
    if not values:
        raise Unreadable(f"the reply states no {name}")
    if len(values) > 1:
        raise Unreadable(f"the reply states {name} several times, differently")
    return values.pop()


def _evidence(said: Mapping[str, Any], head: Head, candidate: str) -> Iterator[Evidence]:
    for name in head.scores if head.evidence else ():
        value = said.get(name.lower())
        given = value.get("evidence") if isinstance(value, _Object) else said.get(f"{name.lower()}_evidence")
        quotes = given if isinstance(given, list) else [given]
        for quote in quotes[:QUOTES]:
            if isinstance(quote, str) and quote.strip():
                yield Evidence(name, quote.strip()[:KEPT_QUOTE], _is_quote(quote, candidate))


def _is_quote(quote: str, candidate: str) -> bool:
    """Whether the candidate has these words; `...` stands for words that were left out."""
    text, at = _levelled(candidate), 0
    pieces = [piece for piece in map(_levelled, quote.translate(_alike).split("...")) if piece]
    for piece in pieces:
        at = text.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return bool(pieces)


def _levelled(text: str) -> str:
    """Without case, kinds of quotation marks and white space, and without quotation marks around it."""
    return " ".join(text.translate(_alike).casefold().split()).strip("\"' .,")
