"""Checking a stranger's packed file against the benchmark, before anything is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sama_bench.benchmark.installed import load_task, task_keys
from sama_bench.errors import UserError
from sama_bench.files.opening import open_regular
from sama_bench.files.temporary import temporary
from sama_bench.leaderboard.submission import submission_manifest as cards
from sama_bench.leaderboard.submission.archive import MANIFEST, PREDICTIONS
from sama_bench.leaderboard.submission.safe_text import about
from sama_bench.leaderboard.submission.settings import SubmissionSettings
from sama_bench.leaderboard.submission.submission_manifest import Card
from sama_bench.leaderboard.submission.submitted_predictions import Submitted, check_size
from sama_bench.leaderboard.submission.unpacking import AT_ONCE, PACKED, unpack
from sama_bench.run.store import MANIFEST as RUN_MANIFEST

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

COPY = "submission.zip"


@dataclass(frozen=True, eq=False)
class Submission:
    """A packed file that was found right; `packed` is a copy that nobody changes, `identity` that of its contents."""

    packed: Path
    identity: str
    card: Card
    benchmark: Benchmark
    answers: Submitted


@contextmanager
def checked(path: Path, bench: str, settings: SubmissionSettings) -> Iterator[Submission]:
    """Give the submission in the file at `path`, whole and right; its unpacked answers go when the block ends.

    Raises UserError with all problems of a kind: those of the container, then of the manifest, then of what does not
    fit the leaderboard, then of the predictions.
    """
    with temporary() as folder:
        _copy(path, folder / COPY)
        with _naming(path):
            identity = unpack(folder / COPY, folder)
            card = _card(folder)
            _check_fits(card, settings)
        benchmark = _benchmark(bench, card, settings)
        with _naming(path):
            answers = _answers(folder, benchmark, card)
        yield Submission(folder / COPY, identity, card, benchmark, answers)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Put the file's name before the problems that are found in it."""
    try:
        yield
    except UserError as problem:
        raise about(path, problem.problems) from problem


def _copy(path: Path, to: Path) -> None:
    """Take the bytes once: whoever changes the file after that changes nothing here."""
    if path.is_dir():
        pack = f"; of a run make one with: sama-bench leaderboard pack {path}" if (path / RUN_MANIFEST).exists() else ""
        raise UserError(f"{path}: is a folder, expected a packed file{pack}")
    left = PACKED + 1  # enough for `unpack` to see that it is too large
    try:
        with open_regular(path) as file, to.open("wb") as out:
            while content := file.read(min(left, AT_ONCE)):
                out.write(content)
                left -= len(content)
    except OSError as problem:
        raise UserError(f"{path}: cannot be read ({problem.strerror or problem})") from problem


def _card(folder: Path) -> Card:
    try:
        return cards.read((folder / MANIFEST).read_bytes())
    except UserError as problem:
        raise UserError(f"{MANIFEST}: {text}" for text in problem.problems) from problem


def _check_fits(card: Card, settings: SubmissionSettings) -> None:
    problems = [
        f"{MANIFEST}: task {task} was asked by another definition ({digest[:8]}, here {definition[:8]}): "
        "run it again with this version of sama-bench"
        for task, digest in card.tasks.items()
        if digest != (definition := load_task(task).digest)
    ]
    if card.benchmark != settings.benchmark:
        problems.append(
            f"{MANIFEST}: answers another benchmark (fingerprint {card.benchmark[:12]}), the leaderboard is of "
            f"{settings.benchmark[:12]}"
        )
    if problems:
        raise UserError(problems)


def _benchmark(bench: str, card: Card, settings: SubmissionSettings) -> Benchmark:
    from sama_bench.benchmark import open_benchmark

    benchmark = open_benchmark(bench, tasks=[task for task in task_keys() if task in card.tasks])
    if benchmark.fingerprint != settings.benchmark:
        raise UserError(
            f"--bench {bench}: is another benchmark (fingerprint {benchmark.fingerprint}), the leaderboard is of "
            f"{settings.benchmark}"
        )
    return benchmark


def _answers(folder: Path, benchmark: Benchmark, card: Card) -> Submitted:
    check_size(folder / PREDICTIONS, len(benchmark.where))
    return Submitted(folder / PREDICTIONS, benchmark, card)
