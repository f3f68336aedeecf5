"""The smallest adapter that there can be: copy this folder to start one of your own."""

from sama_bench.adapters.base import Abilities, Adapter  # as a plug-in for 0.1 does
from sama_bench.types import Prediction, Question


class Example(Adapter):
    """Says the same about everything."""

    summary = "says one sentence about everything"
    can = Abilities(regions=False, masks=False)

    def __init__(self, sentence: str = "It is there.") -> None:
        self._sentence = sentence

    def predict(self, question: Question) -> Prediction:
        """Answer with the sentence."""
        return Prediction(self._sentence)
