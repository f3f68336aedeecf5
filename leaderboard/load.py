"""Runs as the leaderboard takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from sama_bench.errors import UserError
from sama_bench.leaderboard.board import ScoredRun
from sama_bench.leaderboard.general import GeneralRun
from sama_bench.lmms.general.record import read
from sama_bench.metrics.java import JavaCalls
from sama_bench.run.names import Named, labels
from sama_bench.run.store import MANIFEST, Store
from sama_bench.score.engine import started
from sama_bench.score.partial import is_being_asked, partial_scores
from sama_bench.score.scores import Scores, of_run
from sama_bench.score.similarity_choice import choose


class Loaded(NamedTuple):
    """Runs and general scores as tables call them, and the problems of each folder that cannot be read."""

    scored: list[ScoredRun]
    general: list[GeneralRun]
    problems: list[list[str]]

    def lines(self) -> list[str]:
        """The first problem of each such folder, with the number of the others."""
        return [
            f"{problems[0]}{f' (and {len(problems) - 1} more of the kind)' if len(problems) > 1 else ''}"
            for problems in self.problems
        ]


def load_all(paths: Iterable[Path]) -> tuple[list[ScoredRun], list[GeneralRun]]:
    """Read folders of runs, of general scores, and of both. Raises UserError with what is neither or has no scores.

    Each is called by its own name, else by its model and those of its arguments that part it from the others here.
    """
    loaded = _load(paths)
    if loaded.problems:
        raise UserError(line for problems in loaded.problems for line in problems)
    return loaded.scored, loaded.general


def load_readable(paths: Iterable[Path]) -> Loaded:
    """As `load_all`, but what cannot be read is told in `problems`. Raises UserError where nothing can be read."""
    loaded = _load(paths)
    if not (loaded.scored or loaded.general):
        raise UserError(line for problems in loaded.problems for line in problems)
    return loaded


def _load(paths: Iterable[Path]) -> Loaded:
    loaded = Loaded([], [], [])
    with started() as java:  # where a run is being asked, and so scored here
        for path in paths:
            try:
                general = load_general(path)
                run = None if general is not None and not (path / MANIFEST).exists() else load(path, java)
            except UserError as problem:
                loaded.problems.append(list(problem.problems))
                continue
            loaded.general.extend([general] if general is not None else [])
            loaded.scored.extend([run] if run is not None else [])
    names = {run.path: run.named.name for run in loaded.scored if run.named is not None}
    return Loaded(_labelled(loaded.scored), _labelled_general(loaded.general, names), loaded.problems)


def _labelled(runs: Sequence[ScoredRun]) -> list[ScoredRun]:
    run_labels = labels([run.named or Named(run.model, {}, run.path) for run in runs])
    partial = [f" [{run.scores.partial}]" if run.scores.partial is not None else "" for run in runs]
    return [replace(run, model=label + part) for run, label, part in zip(runs, run_labels, partial, strict=True)]


def _labelled_general(runs: Sequence[GeneralRun], names: Mapping[Path, str]) -> list[GeneralRun]:
    settings = [run.record.settings for run in runs]
    run_labels = labels(
        [
            Named(known.model, known.model_args, run.path, names.get(run.path, ""))
            for run, known in zip(runs, settings, strict=True)
        ]
    )
    return [replace(run, model=label) for run, label in zip(runs, run_labels, strict=True)]


def load_general(path: Path) -> GeneralRun | None:
    """Read the general scores in a folder, None where there are none; raises UserError where they are damaged."""
    record = read(path)
    if record is None:
        return None
    return GeneralRun(path, record.settings.model, record)


def load(path: Path, java: JavaCalls | None = None) -> ScoredRun:
    """Read one run folder; raises UserError where it is no run, was not scored yet, or has damaged scores.

    A run that is being asked now is scored as far as it is.
    """
    with Store.open(path) as store:
        scores = _scores(store, java)
        settings, manifest = store.settings, store.manifest
    model = settings.model if settings.history is None else f"{settings.model}, history {settings.history}"
    named = Named(model, settings.model_args, path, manifest.name)
    return ScoredRun(path, model, scores, manifest.sees_truth, named=named)


def _scores(store: Store, java: JavaCalls | None) -> Scores:
    if not (is_being_asked(store) or (store.is_live and not store.scores_file.exists())):
        return of_run(store)
    asked = store.manifest.asked
    model = asked.get("phrase_model")
    choices = choose(asked.get("phrases"), None if model is None else Path(str(model)))
    return partial_scores(store, choices, java=java)
