"""Rendering a leaderboard's folder as a site of plain files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.files.atomic import write_text
from sama_bench.leaderboard.board import ScoredRun
from sama_bench.leaderboard.page.groups import benchmark_of
from sama_bench.leaderboard.reported import Reported, read_reported
from sama_bench.leaderboard.submission import settings as of_leaderboard
from sama_bench.leaderboard.submission.entry import SubmissionEntry, read_all
from sama_bench.leaderboard.submission.outdated import outdated
from sama_bench.leaderboard.submission.runs import made_again
from sama_bench.leaderboard.write import write_report

REPORTED = "reported.yaml"
NO_JEKYLL = ".nojekyll"  # GitHub Pages then gives out every file as it is


@dataclass(frozen=True)
class Built:
    """The files that were written, and a line for each entry that should be added again."""

    files: Sequence[Path]
    again: Sequence[str]


def build(folder: Path, out: Path, bench: str | None = None) -> Built:
    """Write the site of the leaderboard in `folder` into the folder `out`.

    With `bench`, every submission is checked and scored once more, and the page has its questions, some of them with
    their frames. Raises UserError where something of the leaderboard cannot be read, where scores are not those of
    the submission, and where `out` cannot be written.
    """
    settings = of_leaderboard.read(folder)
    entries = read_all(folder)
    if not entries:
        raise UserError(f"{folder}: has no entry yet; add one with: sama-bench leaderboard add FILE --to {folder}")
    outdated_lines = [line for entry in entries for line in outdated(entry, settings, folder)]
    rows, others, site = [_row(entry, stored=bench is not None) for entry in entries], _reported(folder), out.absolute()
    title = settings.title or _title(entries)
    if bench is None:
        files = _written(rows, others, site, title)
    else:
        with made_again(entries, folder, bench, settings) as runs, _within(runs):
            files = _written(rows, others, site, title)
    return Built([out / file.relative_to(site) for file in files], outdated_lines)


def _row(entry: SubmissionEntry, *, stored: bool) -> ScoredRun:
    card = entry.card
    return ScoredRun(Path(entry.key), card.name, entry.scores, card.sees_truth, stored, card.link)


@contextmanager
def _within(folder: Path) -> Iterator[None]:
    """Work in `folder`: the page shows a run's path, and the keys are to be shown, not where they lie for now."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _reported(folder: Path) -> list[Reported]:
    path = folder / REPORTED
    return read_reported([path] if path.exists() else [])


def _title(entries: Sequence[SubmissionEntry]) -> str:
    """The usual title: that of the benchmark whose tasks the entries answered."""
    tasks = (task for entry in entries for by_task in entry.scores.protocols.values() for task in by_task)
    return f"{benchmark_of(next(tasks, None)) or 'Runs'}: leaderboard"


def _written(rows: Sequence[ScoredRun], reported: Sequence[Reported], out: Path, title: str) -> list[Path]:
    files = write_report(rows, reported, out, site_title=title)
    try:
        write_text(out / NO_JEKYLL, "")
    except OSError as problem:
        raise UserError(f"{out}: cannot be written ({problem.strerror or problem})") from problem
    return files
