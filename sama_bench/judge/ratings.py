"""Scores to compare: those of a judged run, or a file that people filled in."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sama_bench.errors import UserError
from sama_bench.judge.agreement import Ratings
from sama_bench.regular import open_regular
from sama_bench.types import TASKS, Key

LARGEST = 64 << 20
FORM = "task (g or c), question_id, score (0 to 1)"


def load(path: Path, column: str = "") -> Ratings:
    """Read a judged run's scores (those in `column`, Judge or CLAIR; the last judge's where it is ''), or a file.

    A file is CSV with a heading, or JSON lines, with task, question_id, score and, where it is known, video. Raises
    UserError with all that is not right.
    """
    return _file(path) if path.is_file() else _run(path, column)


def _run(path: Path, column: str) -> Ratings:
    from sama_bench.run.store import Store

    with Store.open(path) as store:
        judged = store.judged()
        if column and column not in judged:
            there_are = f"it has {', '.join(judged)}" if judged else "it has none"
            raise UserError(f"{path}: no verdicts for {column}, {there_are}; sama-bench judge {path} --judge MODEL")
        if not judged:
            raise UserError(f"{path}: this run has no verdicts; make them with: sama-bench judge {path} --judge MODEL")
        last = judged[column] if column else list(judged.values())[-1]
        values = {key: value for key in last.verdicts if (value := last.value(key)) is not None}
        videos = {key: video for video in store.videos() for key in store.predictions(video)}
    return Ratings(f"{path} ({last.label})", values, videos)


def _file(path: Path) -> Ratings:
    try:
        with open_regular(path) as file:
            text = file.read(LARGEST + 1).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise UserError(f"{path}: cannot be read ({problem})") from problem
    if len(text) > LARGEST:
        raise UserError(f"{path}: is larger than {LARGEST >> 20} MB, expected scores of questions")
    scores: dict[Key, float] = {}
    videos: dict[Key, str] = {}
    problems: list[str] = []
    for number, row in _rows(path, text):
        wrong = _take(row, scores, videos)
        if wrong:
            problems.append(f"{path}:{number}: {wrong}; expected {FORM}")
    if problems:
        raise UserError(problems)
    return Ratings(str(path), scores, videos)


def _rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if text.lstrip().startswith("{"):
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield number, _object(path, number, line)
        return
    yield from enumerate(csv.DictReader(io.StringIO(text)), 2)


def _object(path: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise UserError(f"{path}:{number}: is not JSON ({problem})") from problem
    return row if isinstance(row, dict) else {}


def _take(row: Mapping[str, Any], scores: dict[Key, float], videos: dict[Key, str]) -> str:
    """Put one row into `scores` and `videos`; what is wrong with it, '' where nothing is."""
    task, id_ = str(row.get("task")).lower(), row.get("question_id")
    if task not in TASKS or id_ in {None, ""}:
        return f"task {row.get('task')!r}, question_id {id_!r}"
    try:
        score = float(str(row.get("score")))
    except ValueError:
        score = math.nan
    key = Key(task, str(id_))
    if not 0 <= score <= 1:
        return f"{key}: score {row.get('score')!r}"
    if key in scores:
        return f"{key} is there twice"
    scores[key] = score
    if row.get("video"):
        videos[key] = str(row["video"])
    return ""
