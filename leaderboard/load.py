"""Runs as the leaderboard takes them."""

from __future__ import annotations

from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.leaderboard.board import ScoredRun
from sama_bench.run.store import Store


def load(path: Path) -> ScoredRun:
    """Read one run folder; raises UserError where it is no run, or was not scored yet."""
    with Store.open(path) as store:
        scores, settings, sees_truth = store.scores(), store.settings, store.manifest.sees_truth
    if scores is None:
        raise UserError(f"{path}: this run has no scores yet; make them with: sama-bench score {path}")
    arguments = ",".join(f"{name}={value}" for name, value in sorted(settings.model_args.items()))
    model = f"{settings.model} ({arguments})" if arguments else settings.model
    return ScoredRun(path, model, scores, sees_truth)
