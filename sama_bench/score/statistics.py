"""What the protocols need to know of one question: everything but the masks.

Both protocols are functions of these; scoring again under another phrase similarity reads no mask.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sama_bench.errors import UserError
from sama_bench.metrics import boundary_f, jaccard
from sama_bench.metrics import grounding_marks as marks
from sama_bench.metrics.bleu import BleuStatistics
from sama_bench.metrics.iou import volume_iou_matrix
from sama_bench.metrics.java import TextFault
from sama_bench.metrics.matching import best_assignment
from sama_bench.metrics.rle import as_checked
from sama_bench.run.predictions import StoredPrediction
from sama_bench.score.facts import Facts
from sama_bench.shapes import at, shaped
from sama_bench.types import Key, Track, Truth

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
    """How the predicted tracks of a dialogue's question lie on the true ones.

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
    """What the caption metrics need of an answer and its reference: both tokenised, and what they have in common.

    `meteor` is METEOR's own line of statistics.
    """

    candidate: str
    reference: str
    bleu: BleuStatistics
    rouge_l: float
    meteor: str


@dataclass(frozen=True)
class QuestionStatistics:
    """One question as the protocols see it; `grounding` is None in task C, which has none.

    `text` compares with an empty answer where there is no answer; it is a TextFault where Java gave no value.
    `facts` say what the question is about; no score depends on them, nor on whether the answer was `unread`.
    """

    key: Key
    state: State
    grounding: Grounding | None
    text: TextStatistics | TextFault
    facts: Facts | None = None
    unread: bool = False

    def to_json(self) -> dict[str, Any]:
        """The statistics with JSON's own types."""
        return {**asdict(self), "key": list(self.key)}

    @classmethod
    def from_text(cls, text: str) -> QuestionStatistics:
        """Take statistics out of a JSON text of `to_json`. Raises UserError with all that is wrong with it."""
        found = shaped(cls, text)
        if problems := [*_of_grounding(found.grounding), *_of_text(found.text), *_of_facts(found.facts)]:
            raise UserError(problems)
        return found


def _of_grounding(one: Grounding | None) -> Iterator[str]:
    """What of a grounding cannot be, or does not agree."""
    if one is None:
        return
    if min(one.true, one.predicted) < 0 or len(one.ious) != one.predicted or {*map(len, one.ious)} - {one.true}:
        yield f"its IoUs are not {one.predicted} rows of {one.true}{at('grounding', 'ious')}"
        return
    if (len(one.true_groundings), len(one.predicted_groundings)) != (one.true, one.predicted):
        yield f"not each track has its phrase{at('grounding')}"
    if any(not 0 <= place < one.true for place in one.repeats):
        yield f"a track that is not listed{at('grounding', 'repeats')}"
    paired = [(pair.predicted, pair.true) for pair in one.pairs]
    if any(not (0 <= p < one.predicted and 0 <= t < one.true) for p, t in paired):
        yield f"a track that is not listed{at('grounding', 'pairs')}"
    if any(len({*side}) < len(one.pairs) for side in zip(*paired, strict=True)):
        yield f"a track that is paired twice{at('grounding', 'pairs')}"
    values = [*chain(*one.ious), *(value for pair in one.pairs for value in (pair.j, pair.f))]
    if values and not (min(values) >= 0 and max(values) <= MOST):
        yield f"a value that is not within 0 and 1{at('grounding')}"


def _of_text(text: TextStatistics | TextFault) -> Iterator[str]:
    if isinstance(text, TextFault):
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


def state_of(answer: StoredPrediction | None) -> State:
    """Whether a question was answered."""
    if answer is None:
        return "missing"
    return "answered" if answer.error is None else "error"


def grounding_of(truth: Truth, answer: StoredPrediction | None, size: tuple[int, int]) -> Grounding:
    """Compare the tracks of an answer with the true ones, all with masks of `size` (H, W) and of one length.

    No answer, or an error, counts as an empty text without tracks.
    """
    answered = answer if answer is not None and answer.error is None else StoredPrediction("")
    truths, true_text = truth.strict_tracks, marks.modern(truth.text)
    tracks = [as_checked(track) for track in answered.tracks]
    ious = volume_iou_matrix(tracks, truths)
    return Grounding(
        true=len(truths),
        predicted=len(answered.tracks),
        ious=ious.tolist(),
        repeats=_repeats(truth.tracks),
        true_phrases=marks.phrases(true_text),
        predicted_phrases=marks.phrases(answered.text),
        true_groundings=_exactly(len(truths), marks.groundings(true_text)),
        predicted_groundings=_exactly(len(answered.tracks), marks.groundings(answered.text)),
        pairs=_pairs(truths, tracks, ious, size),
    )


def _repeats(tracks: Sequence[Track | None]) -> list[int]:
    """The listed track that stands in each place of the paper protocol: an empty group repeats the one before it."""
    places: list[int] = []
    listed = -1
    for track in tracks:
        listed += track is not None
        if listed >= 0:
            places.append(listed)
    return places


def _exactly(length: int, phrases: list[str]) -> list[str]:
    return (phrases + [""] * length)[:length]


def _pairs(truths: Sequence[Track], tracks: Sequence[Track], ious: Floats, size: tuple[int, int]) -> list[Pair]:
    return [_pair(p, tracks[p], t, truths[t], size) for p, t in best_assignment(ious)]


def _pair(p: int, predicted: Track, t: int, true: Track, size: tuple[int, int]) -> Pair:
    j, f = jaccard(true, predicted, size), boundary_f(true, predicted, size)
    return Pair(int(p), int(t), float(j.mean()), float(f.mean()))
