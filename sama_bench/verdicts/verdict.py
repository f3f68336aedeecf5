"""A judge's verdict on one answer: a score with its grounds, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sama_bench.errors import UserError
from sama_bench.files.json_shapes import beyond, shaped_value

MOST = 1e9  # of a part of a score


@dataclass(frozen=True)
class Evidence:
    """Words that the judge gave as a quote from the candidate, for one of the scores; `found` is whether they are."""

    part: str
    quote: str
    found: bool


@dataclass(frozen=True)
class Verdict:
    """One verdict. `score` is in 0…1, None where it is unscored: `reason` then says why, `raw` what was replied.

    `parts` are the template's own scores on their own scales, `model` the judge as the server names it, `tries` how
    often it was asked. `tries` is 0 where the answer was empty: nobody was asked, and nothing said scores 0.
    """

    score: float | None
    reason: str
    parts: Mapping[str, float] = field(default_factory=dict)
    evidence: Sequence[Evidence] = ()
    model: str | None = None
    tries: int = 1
    raw: str | None = None

    def to_json(self) -> dict[str, object]:
        """The verdict with JSON's own types."""
        content: dict[str, Any] = {"score": self.score, "reason": self.reason, "model": self.model, "tries": self.tries}
        if self.parts:
            content["parts"] = dict(self.parts)
        if self.evidence:
            content["evidence"] = [[quote.part, quote.quote, quote.found] for quote in self.evidence]
        return content if self.raw is None else {**content, "raw": self.raw}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Verdict:
        """Take a verdict out of what `to_json` gave. Raises UserError where it is not that."""
        parsed = shaped_value(_Form, content)
        scores = {} if parsed.score is None else {"score": parsed.score}
        if problems := [*beyond(scores, 0, 1), *beyond({**parsed.parts, "tries": parsed.tries}, -MOST, MOST)]:
            raise UserError(problems)
        evidence = tuple(Evidence(*fields) for fields in parsed.evidence)
        return cls(
            **{**vars(parsed), "score": content["score"], "parts": content.get("parts", {}), "evidence": evidence}
        )


@dataclass(frozen=True)
class _Form:
    """A verdict as JSON has it."""

    score: float | None
    reason: str
    model: str | None
    tries: int
    parts: Mapping[str, float] = field(default_factory=dict)
    evidence: Sequence[tuple[str, str, bool]] = ()
    raw: str | None = None


EMPTY = Verdict(0.0, "the answer is empty; the judge was not asked", tries=0)
