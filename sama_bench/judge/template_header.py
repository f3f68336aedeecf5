"""The head of a judge's template: which scores it asks for, what they come to, and in which column that stands."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from sama_bench.files.json_files import ContentError
from sama_bench.files.yaml_files import parse_yaml

Column: TypeAlias = Literal["CLAIR", "Judge"]
COLUMNS: tuple[Column, ...] = get_args(Column)
TEXTS = ("plain", "marked")
# Also below empty lines, and with blanks behind the dashes: a head that is not seen would be sent to the judge.
_begin = re.compile(r"\s*---[ \t]*\n")
_end = re.compile(r"^---[ \t]*(?:\n|\Z)", re.MULTILINE)
SHOWN = 80


class Unusable(ValueError):
    """A template's file cannot be used; the message says why."""


@dataclass(frozen=True)
class Head:
    """The declarations in the head of a template.

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
    begin = _begin.match(content)
    if begin is None:
        return Head(), content
    end = _end.search(content, begin.end())
    if end is None:
        raise Unusable("the head that begins with --- has no end; expected another line ---")
    try:
        fields = parse_yaml(content[begin.end() : end.start()])
    except ContentError as problem:
        raise Unusable(f"the head {problem}") from problem
    return _head(fields), content[end.end() :]


def _head(fields: object) -> Head:
    expected = ", ".join(Head.__dataclass_fields__)
    if not isinstance(fields, dict):
        raise Unusable(f"the head has no keys, expected some of: {expected}")
    if unknown := fields.keys() - Head.__dataclass_fields__.keys():
        raise Unusable(f"the head has {', '.join(sorted(map(_word, unknown)))}, expected some of: {expected}")
    head = Head(**fields)
    problems = [message for holds, message in _demands(head) if not holds]
    if problems:
        raise Unusable("; ".join(problems))
    return head


def _demands(head: Head) -> list[tuple[bool, str]]:
    names = isinstance(head.scores, dict) and bool(head.scores) and all(map(_is_name, head.scores))
    unlike = names and len({name.lower() for name in head.scores}) == len(head.scores)
    low = isinstance(head.lower_is_better, list | tuple) and all(isinstance(name, str) for name in head.lower_is_better)
    return [
        (head.column in COLUMNS, f"column is {_short(head.column)}, expected {' or '.join(COLUMNS)}"),
        (head.texts in TEXTS, f"texts is {_short(head.texts)}, expected {' or '.join(TEXTS)}"),
        (unlike or not names, "scores: expected names that differ in more than capitals"),
        (
            names and all(_positive(highest) for highest in head.scores.values()),
            "scores: expected names with highest values",
        ),
        (isinstance(head.overall, str), f"overall is {_short(head.overall)}, expected an expression in the scores"),
        (low and names and set(head.lower_is_better) <= set(head.scores), "lower_is_better: expected names of scores"),
        (isinstance(head.evidence, bool), f"evidence is {_short(head.evidence)}, expected true or false"),
        (head.temperature is None or _positive(head.temperature, 0), "temperature: expected a number from 0 on"),
        (_positive(head.reply_tokens) and _positive(head.max_tokens), "reply_tokens, max_tokens: expected numbers"),
    ]


def _short(value: object) -> str:
    return repr(value)[:SHOWN]


def _word(value: object) -> str:
    return value[:SHOWN] if isinstance(value, str) and value.isprintable() else _short(value)


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name.isidentifier() and name not in {"reason", "evidence"}


def _positive(value: object, least: float = 1e-9) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value) and value >= least
