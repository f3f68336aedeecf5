"""The answers of a submission, as the scorer takes them: every line checked, every question answered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sama_bench.adapter import Abilities
from sama_bench.errors import UserError
from sama_bench.leaderboard.submission.archive import PREDICTIONS
from sama_bench.leaderboard.submission.safe_text import shown
from sama_bench.leaderboard.submission.submission_manifest import Card
from sama_bench.run.answer_sources import PredictionFile

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.types import Key

FIELDS = {"task", "question_id", "video", "seconds", "text", "tracks", "error", "unread"}
LINE = 16 << 20  # bytes
TEXT, TRACKS, ERROR = 100_000, 1000, 200


class Submitted(PredictionFile):
    """The predictions of an unpacked submission, with what its card says of the model.

    `check_size` was called before. Raises UserError with every line that is not right, else with every question that
    has none.
    """

    def __init__(self, path: Path, benchmark: Benchmark, card: Card) -> None:
        self._able = card.abilities
        self.asking = card.asked
        problems = list(_unlike(path))
        try:
            super().__init__(path, benchmark)
        except UserError as problem:
            problems += [problem_text.removeprefix(f"{path}:") for problem_text in problem.problems]
        answered = {key for places in self._places.values() for key in places}
        missing = [f" question {key} has no line" for key in benchmark.where if key not in answered]
        if problems or missing:
            raise UserError(f"{PREDICTIONS}:{problem}" for problem in problems or missing)

    @property
    def can(self) -> Abilities:
        """The model's abilities by the card."""
        return self._able

    def _beside(self, key: Key) -> bool:  # noqa: ARG002 - as there
        """No question: a submission answers those of its tasks, and no others."""
        return False

    def _check_fields(self, content: Mapping[str, Any], key: Key) -> None:
        """Nothing: `_unlike` tells which keys are too many, fewer are known here, in characters that are safe."""


def check_size(path: Path, questions: int) -> None:
    """Look at the lines' number and length before any of them is parsed. Raises UserError."""
    with path.open("rb") as file:
        for number in range(1, questions + 2):
            line = file.readline(LINE + 1)
            if len(line) > LINE:
                raise UserError(f"{PREDICTIONS}:{number}: has more than {LINE:,} bytes")
            if not line:
                return
    raise UserError(f"{PREDICTIONS}: has more than {questions} lines, one for each question of the benchmark")


def _unlike(path: Path) -> Iterator[str]:
    """Yield what a line holds that `PredictionFile` would take, but that we never write."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                content = json.loads(line)
            except (ValueError, RecursionError):
                continue  # told with its reason by `PredictionFile`
            if isinstance(content, dict):
                yield from (f"{number}: {problem}" for problem in _beyond(content))


def _beyond(content: Mapping[str, Any]) -> Iterator[str]:
    if unknown := [shown(name) for name in content if name not in FIELDS]:
        yield f"knows no {', '.join(unknown[:5])}"
    if content.get("seconds") is not None:
        yield "has seconds, expected null"
    for name, longest in (("text", TEXT), ("tracks", TRACKS), ("error", ERROR), ("unread", ERROR)):
        value = content.get(name)
        if isinstance(value, (str, list)) and len(value) > longest:
            yield f'"{name}" has a length of {len(value):,}, expected at most {longest:,}'
