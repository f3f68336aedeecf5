"""From answers and truths to numbers, by the protocols of docs/protocols.md."""

from __future__ import annotations

from sama_bench.callable_package import make_callable
from sama_bench.score.engine import score
from sama_bench.score.scores import Scores

__all__ = ["Scores", "score"]

make_callable(__name__)
