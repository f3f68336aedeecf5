"""The statistics of one question that are kept for scoring: all that metrics need of it but the masks.

Protocols are functions of these; scoring again under another phrase similarity reads no mask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import chain
from math import isfinite
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sama_bench.errors import UserError
from sama_bench.files.json_shapes import at, shaped
from sama_bench.metrics.bleu import BleuStatistics
from sama_bench.metrics.java import TextFault
from sama_bench.types import Key

# Whether the objects are seen in all frames; else whether one of them leaves and returns.
Visibility: TypeAlias = Literal["always", "partly", "returns"]


@dataclass(frozen=True)
class Facts:
    """A question's video, its source data set and number of frames, and the objects that the question is about.

    Those are the true objects in task G, the described one in task C. `share` is how much of the frame they cover, in
    0…1: the mean over the frames in which an object is seen, then over the objects; None, as `visibility`, where none
    is seen anywhere. `labels` are the benchmark's own kinds of question, by dimension (`Truth.labels`).
    """

    video: str
    source: str
    frames: int
    objects: int
    share: float | None
    visibility: Visibility | None
    labels: Mapping[str, str] = field(default_factory=dict)


State: TypeAlias = Literal["answered", "missing", "error"]
Floats: TypeAlias = NDArray[np.float64]
MOST = 1 + 1e-6  # a share, rounded


@dataclass(frozen=True)
class Pair:
    """A predicted and a true track of the best assignment: their numbers, and the means of J and F over the frames."""

    predicted: int
    true: int
    j: float
    f: float


@dataclass(frozen=True)
class Grounding:
    """The overlap of the predicted tracks of a dialogue's question with the true ones.

    `ious[p][t]` is the IoU as volumes of predicted track p with the true track t that the data lists; `repeats` says
    for each true track of the paper protocol which t it is. Phrases are all that a text has between marks, groundings
    the phrase of each track in order ('' where it has none). `pairs` is the assignment with the largest sum of IoUs.
    """

    true: int
    predicted: int
    ious: list[list[float]]
    repeats: list[int]
    true_phrases: list[str]
    predicted_phrases: list[str]
    true_groundings: list[str]
    predicted_groundings: list[str]
    pairs: list[Pair]

    @property
    def matrix(self) -> Floats:
        """The IoUs as float64 (predicted, true)."""
        return np.array(self.ious, np.float64).reshape(self.predicted, self.true)

    @property
    def paper_matrix(self) -> Floats:
        """The IoUs as float64 (predicted, true), with the columns that the paper protocol counts."""
        return self.matrix[:, self.repeats]


@dataclass(frozen=True)
class TextStatistics:
    """The statistics that caption metrics need of an answer and its reference: both tokenised, and what they share.

    `meteor` is METEOR's own line of statistics.
    """

    candidate: str
    reference: str
    bleu: BleuStatistics
    rouge_l: float
    meteor: str


@dataclass(frozen=True)
class QuestionStatistics:
    """One question as the protocols see it; `grounding` is None where its task expects a text alone.

    `text` compares with an empty answer where there is no answer; it is a TextFault where Java gave no value, and None
    where its task expects no text. `facts` say what the question is about; no score depends on them, nor on whether
    the answer was `unread`. `measures` are what the benchmark itself measured (`Task.measure`), by name.
    """

    key: Key
    state: State
    grounding: Grounding | None
    text: TextStatistics | TextFault | None
    facts: Facts | None = None
    unread: bool = False
    measures: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The statistics with JSON's own types."""
        content = {**asdict(self), "key": list(self.key)}
        if not self.measures:
            del content["measures"]
        if content["facts"] and not content["facts"]["labels"]:
            del content["facts"]["labels"]
        return content

    @classmethod
    def from_text(cls, text: str) -> QuestionStatistics:
        """Take statistics out of a JSON text of `to_json`. Raises UserError with all that is wrong with it."""
        parsed = shaped(cls, text)
        problems = [*_of_grounding(parsed.grounding), *_of_text(parsed.text), *_of_facts(parsed.facts)]
        problems += [
            f"not a finite number{at('measures', name)}" for name, it in parsed.measures.items() if not isfinite(it)
        ]
        if problems:
            raise UserError(problems)
        return parsed


def answered(questions: Iterable[QuestionStatistics]) -> list[QuestionStatistics]:
    """Those of the questions that have an answer."""
    return [question for question in questions if question.state == "answered"]


def _of_grounding(grounding: Grounding | None) -> Iterator[str]:
    """Yield what of a grounding cannot be, or does not agree."""
    if grounding is None:
        return
    if (
        min(grounding.true, grounding.predicted) < 0
        or len(grounding.ious) != grounding.predicted
        or {*map(len, grounding.ious)} - {grounding.true}
    ):
        yield f"its IoUs are not {grounding.predicted} rows of {grounding.true}{at('grounding', 'ious')}"
        return
    if (len(grounding.true_groundings), len(grounding.predicted_groundings)) != (grounding.true, grounding.predicted):
        yield f"not each track has its phrase{at('grounding')}"
    if any(not 0 <= place < grounding.true for place in grounding.repeats):
        yield f"a track that is not listed{at('grounding', 'repeats')}"
    paired = [(pair.predicted, pair.true) for pair in grounding.pairs]
    if any(not (0 <= p < grounding.predicted and 0 <= t < grounding.true) for p, t in paired):
        yield f"a track that is not listed{at('grounding', 'pairs')}"
    if any(len({*side}) < len(grounding.pairs) for side in zip(*paired, strict=True)):
        yield f"a track that is paired twice{at('grounding', 'pairs')}"
    values = [*chain(*grounding.ious), *(value for pair in grounding.pairs for value in (pair.j, pair.f))]
    if values and not (min(values) >= 0 and max(values) <= MOST):
        yield f"a value that is not within 0 and 1{at('grounding')}"


def _of_text(text: TextStatistics | TextFault | None) -> Iterator[str]:
    if text is None or isinstance(text, TextFault):
        return
    bleu = text.bleu
    if min(bleu.candidate, bleu.reference, *bleu.guesses, *bleu.matches) < 0:
        yield f"a count below 0{at('text', 'bleu')}"
    if not 0 <= text.rouge_l <= MOST:
        yield f"{text.rouge_l:g} is not within 0 and 1{at('text', 'rouge_l')}"


def _of_facts(facts: Facts | None) -> Iterator[str]:
    if facts is None:
        return
    if facts.frames < 0 or facts.objects < 0:
        yield f"a count below 0{at('facts')}"
    if facts.share is not None and not 0 <= facts.share <= MOST:
        yield f"{facts.share:g} is not within 0 and 1{at('facts', 'share')}"
