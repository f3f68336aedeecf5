"""Scores as commands print them: the headline numbers, or with --all everything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sama_bench.score.scores import Scores


def show_scores(scores: Scores, *, show_all: bool, run: Path | None = None) -> None:
    """Print scores; those of a `run` say where the rest of them is."""
    from sama_bench.console import Console
    from sama_bench.run.store import SCORES
    from sama_bench.score.headline_table import print_headlines
    from sama_bench.score.table import print_scores

    if show_all:
        print_scores(scores, Console())
    elif run is None:
        print_headlines(scores, Console())
    else:
        print_headlines(scores, Console(), str(run), whole=str(run / SCORES))
