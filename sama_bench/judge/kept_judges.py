"""The judges whose verdicts a run holds, as `sama-bench judge list` and `judge drop` name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sama_bench.errors import UserError
from sama_bench.run.store import Store
from sama_bench.verdicts.judge_result import Judged

SHORTEST = 4


def judge_rows(store: Store) -> list[dict[str, Any]]:
    """One row for each judge that a run knows, the one that was asked last at the end, with JSON's own types."""
    used_settings = {column: dict(judged.about) for column, judged in store.judged().items()}
    return [_row(key, judged, used_settings) for key, judged in store.judged_by().items()]


def drop(store: Store, key_starts: Sequence[str]) -> list[dict[str, Any]]:
    """Drop the verdicts of the judges whose keys begin with what was asked for: their rows as `listed` has them.

    Raises UserError for all that name no judge, or several; nothing is dropped then.
    """
    rows = {row["key"]: row for row in judge_rows(store)}
    dropped = [rows[key] for key in _chosen(store.path, key_starts, rows)]
    for row in dropped:
        store.drop_judge(row["key"])
    return dropped


def _row(key: str, judged: Judged, used_settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    verdicts = [verdict for samples in judged.verdicts.values() for verdict in samples]
    return {
        "key": key,
        "column": judged.column,
        "label": judged.label,
        "questions": len(judged.verdicts),
        "verdicts": len(verdicts),
        "unscored": sum(verdict.score is None for verdict in verdicts),
        "used": bool(verdicts) and used_settings.get(judged.column) == judged.about,
    }


def _chosen(run: Path, key_starts: Sequence[str], known: Mapping[str, Any]) -> list[str]:
    """The keys that begin with what was asked for, each once. Raises UserError for all that name none, or several."""
    matches = {
        word: [key for key in known if len(word) >= SHORTEST and key.startswith(word.lower())] for word in key_starts
    }
    there_are = f"the run has {', '.join(known)}" if known else "the run has no verdicts"
    problems = [
        f"{run}: {word!r} names {len(keys) or 'no'} judge{'s' * (len(keys) > 1)} of this run; {there_are}"
        for word, keys in matches.items()
        if len(keys) != 1
    ]
    if problems:
        raise UserError(problems)
    return list(dict.fromkeys(keys[0] for keys in matches.values()))
