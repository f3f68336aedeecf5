"""The upper end: a model that is shown the truth."""

from __future__ import annotations

from sama_bench.adapter import Abilities, Adapter
from sama_bench.types import Prediction, Question


class Oracle(Adapter):
    """Answers with the reference text and the true tracks, so that what it misses is the scorer's doing."""

    summary = "the truth itself: it is shown the reference answers and marks the upper end"
    can = Abilities(truth=True, history="masks")

    def predict(self, question: Question) -> Prediction:
        """Return the truth of `question`: its text, and one track per object list that the data really lists."""
        if self.reveal is None:
            raise RuntimeError("the oracle was not given reveal(): run it with a runner that shows it the truth")
        truth = self.reveal(question)
        return Prediction(truth.text, truth.strict_tracks)
