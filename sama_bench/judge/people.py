"""Ratings of people, kept in a run as those of a judge: its column is Human, a sample of it is one rater."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.judge import ratings
from sama_bench.run.store import Store
from sama_bench.types import Key
from sama_bench.verdicts.judge_result import HUMAN, PEOPLE
from sama_bench.verdicts.verdict import Verdict

SOMEBODY = "a person"
RATER, REASON = "rater", "reason"
LONGEST = 2000  # characters of a reason


@dataclass(frozen=True)
class Given:
    """One person's rating of one answer: a score in 0…1 and, where it was given, why."""

    key: Key
    rater: str
    score: float
    reason: str = ""


def read(path: Path, scale: tuple[float, float] = (0.0, 1.0)) -> list[Given]:
    """The ratings of a file: CSV with a heading, or JSON lines, with task, question_id, score, and maybe rater, reason.

    Scores lie on `scale`, from the worst to the best, and become 0…1. Raises UserError with all that is not right; a
    rater rates a question once.
    """
    if not scale[0] < scale[1]:
        raise UserError(f"--scale {scale[0]:g} {scale[1]:g}: expected the worst score, then a higher one, the best")
    found: dict[tuple[str, Key], Given] = {}
    problems = []
    for number, row in ratings.rows_of(path):
        wrong = row if isinstance(row, str) else _take(row, scale, found)
        if wrong:
            problems.append(f"{path}:{number}: {wrong}")
    if problems:
        raise UserError(problems)
    if not found:
        raise UserError(f"{path}: holds no rating; expected {ratings.FORM}")
    return list(found.values())


def _take(row: Mapping[str, object], scale: tuple[float, float], found: dict[tuple[str, Key], Given]) -> str:
    """Put one row into `found`; what is wrong with it, '' where nothing is."""
    low, high = scale
    value = ratings.number(row.get("score"))
    if value is None or not low <= value <= high:
        return (
            f"score {row.get('score')!r:.60}; expected a number from {low:g} to {high:g} (--scale says another scale)"
        )
    scores: dict[Key, float] = {}
    if wrong := ratings.take({**row, "score": (value - low) / (high - low)}, scores, {}):
        return wrong
    rater, reason = row.get(RATER) or SOMEBODY, row.get(REASON) or ""
    if not isinstance(rater, (str, int)) or isinstance(rater, bool) or not isinstance(reason, str):
        return f"rater {rater!r:.60}, reason {reason!r:.60}; expected a name and a text"
    ((key, score),) = scores.items()
    if (str(rater), key) in found:
        return f"{key} is rated twice by {str(rater)!r:.60}"
    found[str(rater), key] = Given(key, str(rater), score, reason[:LONGEST])
    return ""


def keep(store: Store, given: list[Given], name: str = PEOPLE) -> str:
    """Put ratings into a run that is open for writing, in place of earlier ones of the same name; gives their key.

    Raises UserError with all that are of no answer of the run.
    """
    answered = store.all_keys() - store.errors().keys()
    problems = [
        f"{key}: {store.path} has no answer to it; rate answers of this run"
        for key in {one.key for one in given} - answered
    ]
    if problems:
        raise UserError(sorted(problems))
    raters = sorted({one.rater for one in given})
    about = {
        "column": HUMAN, "model": name, "template": PEOPLE, "temperature": 0.0, "seed": 0, "samples": len(raters),
        "kind": "human", "raters": raters, "scores": {}, "lower_is_better": [],
    }  # fmt: skip
    key = sha256(json.dumps([PEOPLE, name]).encode()).hexdigest()[:16]
    place = {rater: number for number, rater in enumerate(raters)}
    store.drop_judge(key)
    store.put_judge(key, about)
    verdicts = ((one.key, place[one.rater], Verdict(one.score, one.reason, model=one.rater).to_json()) for one in given)
    store.put_verdicts(key, verdicts)
    return key
