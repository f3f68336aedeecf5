"""The judges whose verdicts a run holds, as `sama-bench judge list` and `judge drop` name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sama_bench.errors import UserError
from sama_bench.run.store import Store
from sama_bench.verdicts.judge_result import Judged

SHORTEST = 4


def listed(store: Store) -> list[dict[str, Any]]:
    """One row for each judge that a run knows, the one that was asked last at the end, with JSON's own types."""
    used = {column: dict(judged.about) for column, judged in store.judged().items()}
    return [_row(key, judged, used) for key, judged in store.judged_by().items()]


def drop(store: Store, asked: Sequence[str]) -> list[dict[str, Any]]:
    """Drop the verdicts of the judges whose keys begin with what was asked for: their rows as `listed` has them.

    Raises UserError for all that name no judge, or several; nothing is dropped then.
    """
    rows = {row["key"]: row for row in listed(store)}
    dropped = [rows[key] for key in _chosen(store.path, asked, rows)]
    for row in dropped:
        store.drop_judge(row["key"])
    return dropped


def _row(key: str, judged: Judged, used: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    verdicts = [one for own in judged.verdicts.values() for one in own]
    return {
        "key": key,
        "column": judged.column,
        "label": judged.label,
        "questions": len(judged.verdicts),
        "verdicts": len(verdicts),
        "unscored": sum(one.score is None for one in verdicts),
        "used": bool(verdicts) and used.get(judged.column) == judged.about,
    }


def _chosen(run: Path, asked: Sequence[str], known: Mapping[str, Any]) -> list[str]:
    """The keys that begin with what was asked for, each once. Raises UserError for all that name none, or several."""
    found = {word: [key for key in known if len(word) >= SHORTEST and key.startswith(word.lower())] for word in asked}
    there_are = f"the run has {', '.join(known)}" if known else "the run has no verdicts"
    problems = [
        f"{run}: {word!r} names {len(keys) or 'no'} judge{'s' * (len(keys) > 1)} of this run; {there_are}"
        for word, keys in found.items()
        if len(keys) != 1
    ]
    if problems:
        raise UserError(problems)
    return list(dict.fromkeys(keys[0] for keys in found.values()))
