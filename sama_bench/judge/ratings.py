"""Scores to compare: those of a judged run, or a file that people filled in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sama_bench.benchmark.installed import is_task
from sama_bench.errors import UserError
from sama_bench.files.json_files import ContentError, parse_json
from sama_bench.files.opening import open_regular
from sama_bench.judge.agreement import Ratings
from sama_bench.types import Key

LARGEST = 64 << 20
FORM = "task (g or c), question_id, score (0 to 1)"
COLUMNS = ("task", "question_id", "score")
SHOWN = 60
_row_inside = re.compile(r"\n *(?:g|c),", re.IGNORECASE)
_number = re.compile(r"[0-9]{1,20}(?:\.[0-9]{0,40})?(?:[eE]-?[0-9]{1,3})?|\.[0-9]{1,40}")


def load(path: Path, column: str = "") -> Ratings:
    """Read a judged run's scores (those in `column`, Judge or CLAIR; the last judge's where it is ''), or a file.

    A file is CSV with a heading, or JSON lines, with task, question_id, score and, where it is known, video. Raises
    UserError with all that is not right.
    """
    try:
        is_file = path.is_file()
    except (OSError, ValueError) as problem:
        raise UserError(f"{path}: cannot be read ({getattr(problem, 'strerror', None) or problem})") from problem
    return _file(path) if is_file else _run(path, column)


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
    scores: dict[Key, float] = {}
    videos: dict[Key, str] = {}
    problems = [
        f"{path}:{number}: {wrong}"
        for number, row in rows_of(path)
        if (wrong := row if isinstance(row, str) else take(row, scores, videos))
    ]
    if problems:
        raise UserError(problems)
    return Ratings(str(path), scores, videos)


def rows_of(path: Path) -> Iterator[tuple[int, Mapping[str, object] | str]]:
    """The rows of a file of ratings: the number of the line that each begins on, and the row, or what is wrong with it.

    Raises UserError where the file cannot be read.
    """
    try:
        with open_regular(path) as file:
            content = file.read(LARGEST + 1)
        text = content.decode("utf-8-sig")
    except OSError as problem:
        raise UserError(f"{path}: cannot be read ({problem.strerror or problem})") from problem
    except UnicodeDecodeError as problem:
        raise UserError(f"{path}: is not UTF-8 (byte {problem.start + 1}); save it as UTF-8") from problem
    if len(content) > LARGEST:
        raise UserError(f"{path}: is larger than {LARGEST >> 20} MB, expected scores of questions")
    return _rows(path, text.replace("\r\n", "\n").replace("\r", "\n"))


def _rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    """The number of each line that a row begins on, with the row, or with what is wrong with it."""
    return _objects(text) if text.lstrip().startswith("{") else _cells(path, text)


def _objects(text: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    # By line feeds alone: a text in JSON may hold what Unicode takes for the end of a line.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = parse_json(line)
        except ContentError as problem:
            yield number, str(problem)
        else:
            yield number, row if isinstance(row, dict) else f"is no object; expected {FORM}"


def _cells(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    """The rows of a CSV. A row that is not like the heading is told, and so is a quote without an end."""
    csv.field_size_limit(LARGEST)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begin = 1
    try:
        heading = [name.strip() for name in next(reader, [])]
        _check_heading(path, heading)
        begin = reader.line_num + 1
        for row in reader:
            if any(map(_row_inside.search, row)):
                yield begin, "a cell holds what looks like rows: is a quote left open?"
            elif row and len(row) == len(heading):
                yield begin, dict(zip(heading, row, strict=True))
            elif row:
                yield begin, f"has {len(row)} cells, the heading has {len(heading)}"
            begin = reader.line_num + 1
    except csv.Error as problem:
        yield begin, f"is no row of a CSV, here or in the lines below ({problem}): is a quote left open?"


def _check_heading(path: Path, heading: list[str]) -> None:
    if missing := [name for name in COLUMNS if name not in heading]:
        there_are = ", ".join(heading)[:SHOWN] or "nothing"
        raise UserError(
            f"{path}:1: no column {', '.join(missing)}, there is {there_are!r}; expected a heading with {FORM}, "
            "with commas between"
        )
    if twice := [name for name in COLUMNS if heading.count(name) > 1]:
        raise UserError(f"{path}:1: the column {', '.join(twice)} is there twice")


def take(row: Mapping[str, object], scores: dict[Key, float], videos: dict[Key, str]) -> str:
    """Put one row into `scores` and `videos`; what is wrong with it, '' where nothing is."""
    task, id_, video = str(row.get("task")).lower(), _name(row.get("question_id")), _name(row.get("video", ""))
    if not is_task(task) or not id_:
        return f"task {_short(row.get('task'))}, question_id {_short(row.get('question_id'))}; expected {FORM}"
    key, score = Key(task, id_), _score(row.get("score"))
    if score is None:
        return f"{_short(str(key))}: score {_short(row.get('score'))}; expected {FORM}"
    if key in scores:
        return f"{_short(str(key))} is there twice"
    if video is None:
        return f"{_short(str(key))}: video {_short(row.get('video'))}; expected its name"
    scores[key] = score
    if video:
        videos[key] = video
    return ""


def _score(value: object) -> float | None:
    """A score in 0…1; None where it is none."""
    found = number(value)
    return found if found is not None and 0 <= found <= 1 else None


def number(value: object) -> float | None:
    """A number, or a text that is one; None where it is none, or below 0."""
    if isinstance(value, str):
        value = float(value.strip()) if _number.fullmatch(value.strip()) else None
    return None if isinstance(value, bool) or not isinstance(value, (int, float)) else float(value)


def _name(value: object) -> str | None:
    """A name, or a number that stands for one; '' where nothing is said, None where it is something else."""
    if value is None:
        return ""
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else None


def _short(value: object) -> str:
    return repr(value)[:SHOWN]
