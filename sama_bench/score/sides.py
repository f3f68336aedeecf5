"""A scored run, or a file of scores, as one side of a comparison."""

from __future__ import annotations

import json
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.run.store import Store
from sama_bench.score.comparison import Side
from sama_bench.score.scores import Scores
from sama_bench.score.statistics import QuestionStatistics


def load_side(path: Path) -> Side:
    """Read the folder of a scored run, or a file that `score --json` wrote (which knows no single questions).

    Raises UserError where it is neither, or not scored.
    """
    return _file(path) if path.is_file() else _run(path)


def _file(path: Path) -> Side:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise UserError(f"{path}: cannot be read as JSON ({problem}); expected what score --json wrote") from problem
    try:
        return Side(str(path), Scores.from_json(content))
    except UserError as problem:
        raise UserError(f"{path}: {problem}") from problem


def _run(path: Path) -> Side:
    again = f"make them again: sama-bench score {path}"
    with Store.open(path) as store:
        content = store.scores()
        if content is None:
            raise UserError(f"{path}: this run has no scores yet; make them with: sama-bench score {path}")
        kept = list(store.statistics())
    try:
        statistics = {key: QuestionStatistics.from_json(one) for key, one in kept}
    except (KeyError, TypeError) as problem:
        raise UserError(f"{path}: statistics of its questions are of another form; {again}") from problem
    try:
        return Side(str(path), Scores.from_json(content), statistics)
    except UserError as problem:
        raise UserError(f"{path}: {problem}; {again}") from problem
