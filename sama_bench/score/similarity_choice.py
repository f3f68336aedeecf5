"""The phrase similarity of each protocol, and what is missing where it has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sama_bench.errors import MissingExtra
from sama_bench.metric import Metric
from sama_bench.protocol import PhraseSimilarity
from sama_bench.score import paper, strict
from sama_bench.score.phrases import THRESHOLD, NotLocal, find_similarity, threshold

DEFAULTS = {paper.NAME: "bert", strict.NAME: "minilm"}


@dataclass(frozen=True)
class Choice:
    """The similarity that a protocol uses, or what it would need (`missing`)."""

    protocol: str
    name: str
    similarity: PhraseSimilarity | None
    missing: str = ""

    def unavailable(self, metrics: Sequence[Metric]) -> dict[str, str]:
        """Those of the metrics that the protocol goes without, each with what it would need."""
        needing = [metric.name for metric in metrics if "phrases" in metric.needs]
        return {} if self.similarity is not None else dict.fromkeys(needing, self.missing)

    @property
    def label(self) -> str | None:
        """The signature's part: name, digest of the weights where there are any, threshold; loads them."""
        if self.similarity is None:
            return None
        model = getattr(self.similarity, "model", None)
        least = threshold(self.similarity) if self.protocol == strict.NAME else THRESHOLD
        return f"{self.name}{f'/{model}' if model else ''}@{least:g}"


Choices: TypeAlias = Mapping[str, Choice]


def choose(name: str | None = None, model: Path | None = None) -> Choices:
    """The choice of each protocol: `name` for both, else bert in paper and minilm in strict where they are installed.

    `model` is the folder of the weights of the named one, or of bert. Raises UserError as `find_similarity` does, but
    where a default is not installed.
    """
    if name is not None:
        similarity = find_similarity(name, model)
        if hasattr(similarity, "fetch"):
            similarity.fetch()
        return {protocol: Choice(protocol, name, similarity) for protocol in DEFAULTS}
    return {
        protocol: _default(protocol, usual, model if usual == DEFAULTS[paper.NAME] else None)
        for protocol, usual in DEFAULTS.items()
    }


def _default(protocol: str, name: str, model: Path | None) -> Choice:
    if model is not None:
        return Choice(protocol, name, find_similarity(name, model))
    try:
        similarity = find_similarity(name)
        if hasattr(similarity, "check_local"):
            similarity.check_local()
    except (MissingExtra, NotLocal) as problem:
        return Choice(protocol, name, None, str(problem))
    return Choice(protocol, name, similarity)
