"""Submissions as runs, for the page's viewer: scored once more, which also shows that the entries are true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sama_bench.benchmark.address import resolve
from sama_bench.errors import UserError, each
from sama_bench.files.temporary import temporary
from sama_bench.leaderboard.submission.add import scored
from sama_bench.leaderboard.submission.check import Submission, checked
from sama_bench.leaderboard.submission.entry import PACKED, SubmissionEntry
from sama_bench.leaderboard.submission.settings import SubmissionSettings
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.run.store import Store
from sama_bench.score.scores import Scores, keep

if TYPE_CHECKING:
    from sama_bench.score.similarity_choice import Choices


@contextmanager
def made_again(
    entries: Sequence[SubmissionEntry], folder: Path, bench: str, settings: SubmissionSettings
) -> Iterator[Path]:
    """Make a run of every entry, in a temporary folder, named by the entry's key; gives that folder.

    Raises UserError where a submission is missing, is not right, or has other scores than its entry.
    """
    choices = settings.choices()
    with temporary() as runs:
        each(lambda entry: _make(entry, runs / entry.key, folder, bench, settings, choices), entries)
        yield runs


def _make(
    entry: SubmissionEntry, run: Path, folder: Path, bench: str, settings: SubmissionSettings, choices: Choices
) -> None:
    path = folder / PACKED / entry.packed
    with checked(path, bench, settings) as submission:
        if submission.identity != entry.identity:
            raise UserError(f"{path}: is not the submission that entry {entry.key} was scored from")
        fresh_scores = scored(entry.key, submission, choices).scores
        if fresh_scores.signature == entry.scores.signature and fresh_scores.dumps() != entry.scores.dumps():
            raise UserError(f"{path}: has other scores than entry {entry.key} says; add it again with --replace")
        _store(run, submission, fresh_scores, bench)


def _store(run: Path, submission: Submission, scores: Scores, bench: str) -> None:
    card, benchmark = submission.card, submission.benchmark
    digests = {str(task): digest for task, digest in card.tasks.items()}
    settings = RunSettings(card.model, {}, benchmark.fingerprint, benchmark.tasks, None, None, digests)
    address = str(resolve(bench))
    with Store.create(run, Manifest(settings, address, benchmark.name, card.sees_truth, can=card.abilities)) as store:
        for entry in benchmark.entries:
            store.put(entry.video.id, submission.answers.predictions(entry.video.id).items())
        keep(scores, store)
