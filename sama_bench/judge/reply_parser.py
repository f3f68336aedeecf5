"""A judge's reply, read: the scores that it states, whatever it wraps them in, and never one that it does not state.

A reply that states none, several that differ, or one outside of its scale raises `Unreadable`. Time is linear in the
length of a reply, of which only the first 20,000 characters are looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from sama_bench.judge import score_scale
from sama_bench.judge.reasoning_blocks import Unfinished, without_thoughts
from sama_bench.judge.template import Template
from sama_bench.judge.template_header import Head
from sama_bench.run.predictions import mended
from sama_bench.verdicts.verdict import Evidence, Verdict

READ, KEPT_RAW, KEPT_REASON, KEPT_QUOTE = 20_000, 2_000, 500, 300
OBJECTS_TRIED, DEPTH, QUOTES = 64, 4, 5
Scores: TypeAlias = dict[str, float]

_alike = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "…": "..."})


class Unreadable(ValueError):
    """A reply without a verdict; the message says why."""


class _Object(dict[str, Any]):
    """A JSON object whose names are lower-cased; a name that stands twice with two values has both, as a `_Twice`."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__()
        for stated_name, value in pairs:
            name = stated_name.strip().lower()
            self[name] = _Twice() if name in self and self[name] != value else value


class _Twice:
    """Two values under one name."""


# NaN and Infinity stay words, and no numbers.
_decoder = json.JSONDecoder(parse_constant=lambda name: name, object_pairs_hook=_Object)


def read(reply: str, template: Template, candidate: str, *, cut: bool = False) -> Verdict:
    """The verdict that a reply states; `candidate` is the answer as the judge saw it. Raises Unreadable.

    `cut` is whether the server cut the reply, so that a number at its end may lack digits.
    """
    try:
        answer = without_thoughts(reply)
        text = mended(answer[:READ])
        parts, stated = _stated(text, template.head, cut=cut or len(answer) > READ)
        score = template.overall(parts)
    except (Unfinished, score_scale.Doubt, ValueError) as problem:
        raise Unreadable(str(problem)) from problem
    reason = stated.get("reason", stated.get("explanation", ""))
    reason_text = reason if isinstance(reason, str) else json.dumps(reason, ensure_ascii=False, default=str)
    return Verdict(score, reason_text[:KEPT_REASON], parts, tuple(_evidence(stated, template.head, candidate)))


def unscored(reason: str, raw: str, model: str | None, tries: int) -> Verdict:
    """A verdict without score, with the beginning of what was replied last."""
    return Verdict(None, reason, model=model, tries=tries, raw=mended(raw)[:KEPT_RAW])


def _stated(text: str, head: Head, *, cut: bool) -> tuple[Scores, _Object]:
    """The scores that a reply states, and the object that states them, an empty one where it is prose."""
    if not text.strip():
        raise Unreadable("the reply is empty")
    objects, prose = _parted(text, _names(head))
    verdicts = [(_scores(candidate, head), candidate) for candidate in objects if _names(head) & candidate.keys()]
    if any(scores != verdicts[0][0] for scores, _ in verdicts):
        raise Unreadable("the reply states several verdicts that differ")
    for stated in objects:
        _check_scale(stated, head)
    score_scale.check_scales(prose, set(head.scores.values()))
    cut = cut or "{" in prose
    if not verdicts:
        return _in_prose(prose, head, cut=cut), _Object([])
    for name, score in verdicts[0][0].items():
        if score_scale.in_prose(name, prose, head.scores[name], cut=cut) - {score}:
            raise Unreadable(f"the reply states {name} several times, differently")
    return verdicts[0]


def _names(head: Head) -> set[str]:
    return {name.lower() for name in head.scores}


def _parted(text: str, names: set[str]) -> tuple[list[_Object], str]:
    """The JSON objects of a text, with those inside of them, and the text without them.

    Of what begins like an object, so many are tried that time stays linear.
    """
    objects: list[_Object] = []
    prose: list[str] = []
    begin, start = 0, text.find("{")
    for _ in range(OBJECTS_TRIED):
        if start < 0:
            break
        try:
            value, end = _decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            objects += _inside(value, names)
            prose.append(text[begin:start])
            begin = end
        start = text.find("{", end)
    return objects, "\n".join([*prose, text[begin:]])


def _inside(value: object, names: set[str], depth: int = DEPTH) -> Iterator[_Object]:
    """The value where it is an object, and the objects in it, without those that state a score themselves."""
    inner: Iterable[object] = ()
    if isinstance(value, _Object):
        yield value
        inner = (member for name, member in value.items() if name not in names)
    elif isinstance(value, list):
        inner = value
    for member in inner if depth else ():
        yield from _inside(member, names, depth - 1)


def _scores(stated: _Object, head: Head) -> Scores:
    if missing := [name for name in head.scores if name.lower() not in stated]:
        raise Unreadable(f"the reply states no {', '.join(missing)}")
    return {name: _score(name, stated[name.lower()], most) for name, most in head.scores.items()}


def _score(name: str, value: object, most: float) -> float:
    if isinstance(value, _Object):
        score_scale.check_beside(value, {"score", "value"}, most, alone=True)
        if "score" in value and "value" in value and value["score"] != value["value"]:
            raise Unreadable(f"{name} is stated twice, differently")
        value = value.get("score", value.get("value"))
    if isinstance(value, _Twice):
        raise Unreadable(f"{name} is stated twice, differently")
    if isinstance(value, str):
        return score_scale.of_text(name, value, most)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unreadable(f"{name} is no number")
    return score_scale.of_number(name, value, most, fraction=isinstance(value, float))


def _check_scale(stated: _Object, head: Head) -> None:
    """Raise Doubt where an object says that its scores are of another scale than the template's."""
    if (highest := _only(head)) is not None:
        several = {"total"} if len(head.scores) > 1 else set()
        score_scale.check_beside(
            stated, _names(head) | several, highest, alone=not several and bool(_names(head) & stated.keys())
        )


def _only(head: Head) -> float | None:
    """The highest value of all scores; None where they differ."""
    highest = set(head.scores.values())
    return highest.pop() if len(highest) == 1 else None


def _in_prose(text: str, head: Head, *, cut: bool) -> Scores:
    most = _only(head)
    for name, value in score_scale.labels_of_how_many(text) if "{" in text else ():
        if most is not None and name not in _names(head):
            score_scale.check_of_how_many(name, value, most)
    return {name: _labelled(name, text, most, cut=cut) for name, most in head.scores.items()}


def _labelled(name: str, text: str, most: float, *, cut: bool) -> float:
    """The number behind the score's name; all such numbers have to agree."""
    values = score_scale.in_prose(name, text, most, cut=cut)
    if not values:
        raise Unreadable(f"the reply states no {name}")
    if len(values) > 1:
        raise Unreadable(f"the reply states {name} several times, differently")
    return values.pop()


def _evidence(stated: Mapping[str, Any], head: Head, candidate: str) -> Iterator[Evidence]:
    for name in head.scores if head.evidence else ():
        value = stated.get(name.lower())
        quotes_value = value.get("evidence") if isinstance(value, _Object) else stated.get(f"{name.lower()}_evidence")
        quotes = quotes_value if isinstance(quotes_value, list) else [quotes_value]
        for quote in quotes[:QUOTES]:
            if isinstance(quote, str) and quote.strip():
                yield Evidence(name, quote.strip()[:KEPT_QUOTE], _is_quote(quote, candidate))


def _is_quote(quote: str, candidate: str) -> bool:
    """True if the candidate has these words; `...` stands for words that were left out."""
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
