"""Runs as the leaderboard takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sama_bench.errors import each
from sama_bench.leaderboard.board import ScoredRun
from sama_bench.leaderboard.general import GeneralRun
from sama_bench.lmms.general.record import read
from sama_bench.metrics.java import JavaCalls
from sama_bench.run.store import MANIFEST, Store
from sama_bench.score.engine import started
from sama_bench.score.partial import is_being_asked, partial_scores
from sama_bench.score.scores import Scores, of_run
from sama_bench.score.similarity_choice import choose


def load_all(paths: Iterable[Path]) -> tuple[list[ScoredRun], list[GeneralRun]]:
    """Read folders of runs, of general scores, and of both. Raises UserError with what is neither or has no scores."""
    paths = list(paths)
    general = [run for run in each(load_general, paths) if run is not None]
    general_only = {run.path for run in general if not (run.path / MANIFEST).exists()}
    with started() as java:  # where a run is being asked, and so scored here
        return each(lambda path: load(path, java), [path for path in paths if path not in general_only]), general


def load_general(path: Path) -> GeneralRun | None:
    """Read the general scores in a folder, None where there are none; raises UserError where they are damaged."""
    record = read(path)
    if record is None:
        return None
    return GeneralRun(path, named(record.settings.model, record.settings.model_args), record)


def load(path: Path, java: JavaCalls | None = None) -> ScoredRun:
    """Read one run folder; raises UserError where it is no run, was not scored yet, or has damaged scores.

    A run that is being asked now is scored as far as it is; its name says so.
    """
    with Store.open(path) as store:
        scores = _scores(store, java)
        settings, sees_truth = store.settings, store.manifest.sees_truth
    model = named(settings.model, settings.model_args)
    if settings.history is not None:
        model = f"{model}, history {settings.history}"
    return ScoredRun(path, model if scores.partial is None else f"{model} [{scores.partial}]", scores, sees_truth)


def _scores(store: Store, java: JavaCalls | None) -> Scores:
    if not (is_being_asked(store) or (store.is_live and not store.scores_file.exists())):
        return of_run(store)
    asked = store.manifest.asked
    model = asked.get("phrase_model")
    choices = choose(asked.get("phrases"), None if model is None else Path(str(model)))
    return partial_scores(store, choices, java=java)


def named(model: str, args: Mapping[str, str]) -> str:
    """A model's name in tables: its name with the arguments that decide its answers."""
    arguments = ",".join(f"{name}={value}" for name, value in sorted(args.items()))
    return f"{model} ({arguments})" if arguments else model
