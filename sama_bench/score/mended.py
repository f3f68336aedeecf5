"""SAMA-Bench's numbers from paper to strict, one mended defect at a time (docs/protocols.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sama_bench.metrics.cider import cider
from sama_bench.metrics.matching import best_assignment, greedy, paper_matches
from sama_bench.protocol import Ladder, Mend, PhraseSimilarity, Protocol, ScoringInputs, Values, Videos
from sama_bench.score import paper, strict
from sama_bench.score.caption_statistics import caption_metrics, mean
from sama_bench.score.phrases import at, prepare, threshold
from sama_bench.statistics import Floats, Grounding, QuestionStatistics, TextStatistics, answered
from sama_bench.types import Key

UNANSWERED = Mend("unanswered", "a question without an answer counts as an empty text without tracks; it was left out")
NOTHING = Mend(
    "nothing", "a question that grounds nothing is left out of mIoU; it scored 0 there whatever was answered"
)
REPEATS = Mend("repeats", "an empty group among the true objects is ignored; it repeated the track before it")
MATCHING = Mend("matching", "tracks are paired by the best one-to-one assignment; they were taken greedily")
MISSED = Mend("missed", "a true object that was not found counts as 0; it was free")
EXTRA = Mend("extra", "a track too many counts as 0, and F1 stands for recall; it was free")
SILENT = Mend("silent", "questions without a predicted track or phrase count in recall; their phrases were left out")
SEARCH = Mend(
    "search", "tracks go with their phrases, in the best pairs; the matrices were unlike, the first miss the end"
)
SIMILARITY = Mend("similarity", "phrases are compared as in strict, in F1 by IoU not at all; they were as in paper")
FREQUENCIES = Mend("frequencies", "CIDEr's document frequencies come of all references; they came of one video's")
FRAMES = Mend("frames", "J and F of each frame stand for the IoU of volumes, in which a large frame outweighs others")
GROUNDED = (
    UNANSWERED, NOTHING, REPEATS, MATCHING, MISSED, EXTRA, SILENT, SEARCH, SIMILARITY, FREQUENCIES, FRAMES,
)  # fmt: skip
PLAIN = (UNANSWERED, FREQUENCIES)
IOUS = ("miou", "J&F")
RECALLS = ("recall", "f1", "f1_iou")
CAPTIONS = ("METEOR", "ROUGE_L", "CIDEr")


class _Counts(NamedTuple):
    """What a question brings to recall, or to F1: matches, and what they are divided by."""

    matches: int
    positives: int
    predicted: int


class Mended(Protocol):
    """Paper with the defects mended that are named.

    `J&F` begins as paper's mIoU and ends as strict's J&F; `f1` and `f1_iou` begin as paper's recall.
    """

    name = "mended"

    def __init__(self, mends: frozenset[str], *, grounded: bool, captions: _Captions) -> None:
        self._mends = mends
        self._captions = captions
        self.similarity = "strict" if SIMILARITY.name in mends else "paper"
        names = (*IOUS, *RECALLS, *CAPTIONS) if grounded else CAPTIONS
        declared = {metric.name: metric for metric in strict.Strict(grounded=grounded).metrics}
        self.metrics = tuple(declared[name] for name in names)

    def counted(self, questions: Sequence[QuestionStatistics]) -> list[QuestionStatistics]:
        """The questions that count."""
        return list(questions) if self._on(UNANSWERED) else answered(questions)

    def by_video(self, videos: Videos, inputs: ScoringInputs) -> Values:
        """The metrics of each video; one that is undefined there is absent."""
        shares = self._by_question(videos, inputs.similarity)
        captions = self._captions.values(self._counted(videos), inputs, self._on(FREQUENCIES))
        by_video: Values = {}
        for video, questions in self._counted(videos).items():
            keys = [question.key for question in questions]
            values = {
                name: self._of_video([by_question[key] for key in keys if key in by_question], f1=name != "recall")
                for name, by_question in shares.items()
            }
            by_video[video] = {name: value for name, value in values.items() if value is not None}
            caption_values = captions[0].get(video, {})
            by_video[video] |= {name: caption_values[name] for name in CAPTIONS if name in caption_values}
        return by_video

    def shares(self, videos: Videos, inputs: ScoringInputs) -> dict[str, dict[Key, object]]:
        """What each question brings to each metric."""
        shares: dict[str, dict[Key, object]] = {
            name: dict(by_question) for name, by_question in self._by_question(videos, inputs.similarity).items()
        }
        counted = self._counted(videos)
        ciders = self._captions.values(counted, inputs, self._on(FREQUENCIES))[1]
        texts = {
            question.key: question.text
            for of_video in counted.values()
            for question in of_video
            if isinstance(question.text, TextStatistics)
        }
        shares["METEOR"] = {key: text.meteor for key, text in texts.items()}
        shares["ROUGE_L"] = {key: text.rouge_l for key, text in texts.items()}
        shares["CIDEr"] = dict(ciders)
        return shares

    def _on(self, mend: Mend) -> bool:
        return mend.name in self._mends

    def _counted(self, videos: Videos) -> dict[str, list[QuestionStatistics]]:
        return {video: counted for video, questions in videos.items() if (counted := self.counted(questions))}

    def _by_question(
        self, videos: Videos, similarity: PhraseSimilarity | None
    ) -> dict[str, dict[Key, float | _Counts]]:
        """What each question that grounds anything, or counts all the same, brings to the metrics of tracks."""
        if not any(metric.name in IOUS for metric in self.metrics):
            return {}
        questions = {
            question.key: question.grounding
            for of_video in self._counted(videos).values()
            for question in of_video
            if question.grounding is not None
        }
        asked_questions = {key: grounding for key, grounding in questions.items() if self._compares_phrases(grounding)}
        if similarity is not None:
            self._prepare(asked_questions.values(), similarity)
        by_metric: dict[str, dict[Key, float | _Counts]] = {
            name: {
                key: value for key, grounding in questions.items() if (value := self._iou(grounding, name)) is not None
            }
            for name in IOUS
        }
        for name in RECALLS:
            alone = name == "f1_iou" and self._on(SIMILARITY)
            if alone or similarity is not None:
                compare = None if alone else similarity
                by_metric[name] = {
                    key: self._counts(grounding, compare, f1=name != "recall")
                    for key, grounding in asked_questions.items()
                }
                by_metric[name] |= {key: _Counts(0, 0, 0) for key in questions if key not in asked_questions}
        return by_metric

    def _prepare(self, groundings: Iterable[Grounding], similarity: PhraseSimilarity) -> None:
        pairs = [
            (true, predicted)
            for grounding in groundings
            for true in {*grounding.true_phrases, *grounding.true_groundings}
            for predicted in {*grounding.predicted_phrases, *grounding.predicted_groundings}
        ]
        prepare(similarity, pairs)

    def _compares_phrases(self, grounding: Grounding) -> bool:
        return self._on(SILENT) or bool(grounding.predicted and grounding.predicted_phrases)

    def _matrix(self, grounding: Grounding) -> Floats:
        return grounding.matrix if self._on(REPEATS) else grounding.paper_matrix

    def _iou(self, grounding: Grounding, name: str) -> float | None:
        """The question's mIoU, or what takes its place; None where it is left out."""
        if self._on(NOTHING) and not grounding.true:
            return None
        ious = self._matrix(grounding)
        pairs = best_assignment(ious) if self._on(MATCHING) else greedy(ious)
        values = [float(ious[pair]) for pair in pairs]
        if name == "J&F" and self._on(FRAMES):
            values = [(pair.j + pair.f) / 2 for pair in grounding.pairs]
        predicted, true = ious.shape
        count = max(len(values), true if self._on(MISSED) else 0, predicted if self._on(EXTRA) else 0)
        return sum(values) / count if count else 0.0

    def _counts(self, grounding: Grounding, similarity: PhraseSimilarity | None, *, f1: bool) -> _Counts:
        predicted = grounding.predicted if f1 and self._on(EXTRA) else 0
        if self._on(SEARCH):
            return _Counts(strict.count_matches(grounding, similarity), grounding.true, predicted)
        ious, least = self._matrix(grounding), 0.5 if similarity is None else threshold(similarity)
        pairs = paper_matches(ious, _similarities(grounding, similarity), similarity_threshold=least)
        return _Counts(len(pairs), len(grounding.true_phrases), predicted)

    def _of_video(self, shares: Sequence[float | _Counts], *, f1: bool) -> float | None:
        counts = [share for share in shares if isinstance(share, _Counts)]
        if not counts:
            values = [share for share in shares if not isinstance(share, _Counts)]
            return mean(values) if values else None
        matches, positives, predicted = (sum(column) for column in zip(*counts, strict=True))
        if positives + predicted == 0:
            return None if self._on(SEARCH) else 0.0
        if f1 and self._on(EXTRA):
            return float(2 * matches / (positives + predicted))
        return float(matches / positives) if positives else None


def _similarities(grounding: Grounding, similarity: PhraseSimilarity | None) -> Floats:
    """The similarities (true, predicted) of all phrases; 1 where none are compared."""
    shape = len(grounding.true_phrases), len(grounding.predicted_phrases)
    if similarity is None or not all(shape):
        return np.ones(shape)
    pairs = [(true, predicted) for true in grounding.true_phrases for predicted in grounding.predicted_phrases]
    return np.array(at(similarity, pairs)).reshape(shape)


class _Captions:
    """The caption metrics of videos, computed once for each set of questions and of document frequencies."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, bool], tuple[Mapping[str, Mapping[str, float]], Mapping[Key, float]]] = {}

    def values(
        self, videos: Mapping[str, Sequence[QuestionStatistics]], inputs: ScoringInputs, whole: bool
    ) -> tuple[Mapping[str, Mapping[str, float]], Mapping[Key, float]]:
        """The metrics by video, and CIDEr of each question; `whole` is whether frequencies come of all references."""
        name = sum(map(len, videos.values())), whole
        if name not in self._known:
            self._known[name] = _captions(videos, inputs, whole=whole)
        return self._known[name]


def _captions(
    videos: Mapping[str, Sequence[QuestionStatistics]], inputs: ScoringInputs, *, whole: bool
) -> tuple[Mapping[str, Mapping[str, float]], Mapping[Key, float]]:
    texts: dict[str, list[TextStatistics]] = {}
    keys: dict[str, list[Key]] = {}
    for video, questions in videos.items():
        for question in questions:
            if isinstance(question.text, TextStatistics):
                texts.setdefault(video, []).append(question.text)
                keys.setdefault(video, []).append(question.key)
    corpus = inputs.corpus() if whole and texts else None
    ciders = {video: _cider(of_video) for video, of_video in texts.items()}
    if corpus is not None:
        values = iter(_cider([text for of_video in texts.values() for text in of_video], corpus))
        ciders = {video: [next(values) for _ in of_video] for video, of_video in texts.items()}
    by_question = {key: value for video in texts for key, value in zip(keys[video], ciders[video], strict=True)}
    return caption_metrics(texts, ciders, inputs.meteor), by_question


def _cider(texts: Sequence[TextStatistics], corpus: Sequence[str] | None = None) -> list[float]:
    values: list[float] = cider([text.candidate for text in texts], [text.reference for text in texts], corpus).tolist()
    return values


def ladder(*, grounded: bool) -> Ladder:
    """The way from paper to strict."""
    captions = _Captions()
    mends = GROUNDED if grounded else PLAIN
    return Ladder(paper.NAME, strict.NAME, mends, lambda done: Mended(done, grounded=grounded, captions=captions))
