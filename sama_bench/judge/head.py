"""The head of a judge's template: which scores it asks for, what they come to, and in which column that stands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

import yaml

Column: TypeAlias = Literal["CLAIR", "Judge"]
COLUMNS: tuple[Column, ...] = get_args(Column)
TEXTS = ("plain", "marked")
LINE = "---\n"


class Unusable(ValueError):
    """What is wrong with a template's file."""


@dataclass(frozen=True)
class Head:
    """What the head of a template declares.

    `scores` maps each score's name to its highest value (the lowest is 0), `overall` is an expression in these names
    that comes to 0…1. `evidence` is whether each score comes with a quote from the candidate. `reply_tokens` is how
    long a reply is expected to be, `max_tokens` the longest that is paid for.
    """

    column: Column = "CLAIR"
    texts: str = "plain"
    scores: Mapping[str, float] = field(default_factory=lambda: {"score": 100})
    overall: str = "score / 100"
    lower_is_better: Sequence[str] = ()
    evidence: bool = False
    temperature: float | None = None
    reply_tokens: int = 100
    max_tokens: int = 2000


def parted(content: str) -> tuple[Head, str]:
    """Head and body of a template's file; without head it is for CLAIR, with one score of 0 to 100. Raises Unusable."""
    if not content.startswith(LINE):
        return Head(), content
    head, line, body = content[len(LINE) :].partition(f"\n{LINE}")
    if not line:
        raise Unusable("the head that begins with --- has no end; expected another line ---")
    try:
        given = yaml.safe_load(head)
    except yaml.YAMLError as problem:
        raise Unusable(f"the head is not YAML ({problem})") from problem
    return _head(given), body


def _head(given: object) -> Head:
    known = ", ".join(Head.__dataclass_fields__)
    if not isinstance(given, dict):
        raise Unusable(f"the head has no keys, expected some of: {known}")
    if unknown := given.keys() - Head.__dataclass_fields__.keys():
        raise Unusable(f"the head has {', '.join(sorted(map(str, unknown)))}, expected some of: {known}")
    head = Head(**given)
    problems = [message for holds, message in _demands(head) if not holds]
    if problems:
        raise Unusable("; ".join(problems))
    return head


def _demands(head: Head) -> list[tuple[bool, str]]:
    names = isinstance(head.scores, dict) and bool(head.scores) and all(map(_is_name, head.scores))
    return [
        (head.column in COLUMNS, f"column is {head.column!r}, expected {' or '.join(COLUMNS)}"),
        (head.texts in TEXTS, f"texts is {head.texts!r}, expected {' or '.join(TEXTS)}"),
        (names and all(_positive(most) for most in head.scores.values()), "scores: expected names with highest values"),
        (isinstance(head.overall, str), f"overall is {head.overall!r}, expected an expression in the scores"),
        (names and set(head.lower_is_better) <= set(head.scores), "lower_is_better: expected names of scores"),
        (head.evidence in {True, False}, f"evidence is {head.evidence!r}, expected true or false"),
        (head.temperature is None or _positive(head.temperature, 0), "temperature: expected a number from 0 on"),
        (_positive(head.reply_tokens) and _positive(head.max_tokens), "reply_tokens, max_tokens: expected numbers"),
    ]


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name.isidentifier() and name not in {"reason", "evidence"}


def _positive(value: object, least: float = 1e-9) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value) and value >= least
