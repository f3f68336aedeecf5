"""Adding a packed file to a leaderboard: checked, scored here, and kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sama_bench.errors import UserError
from sama_bench.leaderboard.submission import settings as of_leaderboard
from sama_bench.leaderboard.submission.check import Submission, checked
from sama_bench.leaderboard.submission.entry import SubmissionEntry, alone, find, keep, key_of

if TYPE_CHECKING:
    from sama_bench.run.progress import Progress
    from sama_bench.score.similarity_choice import Choices


@dataclass(frozen=True)
class Added:
    """A new entry, and where it is kept."""

    path: Path
    entry: SubmissionEntry


def add(packed: Path, bench: str, folder: Path, *, replace: bool = False, progress: Progress | None = None) -> Added:
    """Check the file `packed`, score its answers as the leaderboard in `folder` does, and keep it there as an entry.

    Raises UserError, the folder unchanged, where anything in the file is not right, where there is an entry of that
    name and `replace` is not set, and where `folder` is no leaderboard or `bench` not its benchmark.
    """
    settings = of_leaderboard.read(folder)
    choices = settings.choices()
    with checked(packed, bench, settings) as submission:
        key = key_of(submission.card.name, submission.identity)
        if not replace:
            _check_new(packed, find(folder, key), submission)
        entry = scored(key, submission, choices, progress)
        with alone(folder):
            if not replace:
                _check_new(packed, find(folder, key), submission)  # again, as another process may have added it
            return Added(keep(entry, submission.packed, folder), entry)


def scored(key: str, submission: Submission, choices: Choices, progress: Progress | None = None) -> SubmissionEntry:
    """Score a submission's answers, just as `sama-bench score` would; raises UserError as that does."""
    from sama_bench.score.engine import score

    scores = score(submission.benchmark, submission.answers, phrases=choices, progress=progress)
    return SubmissionEntry(key, submission.identity, submission.card, scores)


def _check_new(packed: Path, earlier: SubmissionEntry | None, submission: Submission) -> None:
    if earlier is None:
        return
    if earlier.identity == submission.identity:
        raise UserError(f"{packed}: was added before, as entry {earlier.key}; to score it again: --replace")
    raise UserError(
        f"{packed}: there is another entry {earlier.key} ({earlier.card.name}); to put this in its place: --replace; "
        "to have both: pack it with another --name"
    )
