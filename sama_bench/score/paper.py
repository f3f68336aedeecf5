"""The paper protocol: what the released scripts compute, defects included (docs/protocols.md)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sama_bench.metric import Metric, Sums
from sama_bench.metrics.cider import cider
from sama_bench.metrics.matching import greedy, paper_matches
from sama_bench.protocol import Ladder, Meteor, PhraseSimilarity, Protocol, ScoringInputs, Values, Videos
from sama_bench.score.caption_statistics import caption_columns, caption_metrics, captions_of_parts, mean, rouge_l_of
from sama_bench.score.phrases import at, prepare
from sama_bench.statistics import Floats, Grounding, QuestionStatistics, TextStatistics
from sama_bench.statistics import answered as answered_of

NAME = "paper"
JUDGED = "CLAIR"
IOU_THRESHOLD = 0.5


class Paper(Protocol):
    """The protocol for a task whose answers have tracks (`grounded`), or are texts alone."""

    name = NAME
    similarity = "paper"
    unanswered = "left out"

    def __init__(self, *, grounded: bool) -> None:
        captions = caption_columns(NAME, rouge_l=_rouge_l, grounded=grounded)
        clair = Metric(NAME, JUDGED, JUDGED, needs=("text", "judge"), depends_on=("judge",))
        self.metrics = (*(GROUNDING if grounded else ()), *captions, clair)

    def by_video(self, videos: Videos, inputs: ScoringInputs) -> Values:
        """The metrics of each video; one without an answered question has none; no recall without a similarity."""
        return dict(by_video(videos, inputs.similarity, inputs.meteor))

    def ladders(self) -> Sequence[Ladder]:
        """The way to strict."""
        from sama_bench.score.mended import ladder  # late: that module is made of this one

        return [ladder(grounded=self.metrics[0] is GROUNDING[0])]

    def parts_by_video(self, videos: Videos, meteor: Meteor) -> Values:
        """MIoU and the caption metrics without CIDEr, which is of no part."""
        answered = {video: answered_of(questions) for video, questions in videos.items()}
        values: Values = {**captions_of_parts(answered, meteor)}
        for video, questions in answered.items():
            if groundings := _groundings(questions):
                values.setdefault(video, {})["miou"] = mean([question_miou(grounding) for grounding in groundings])
        return values


def _miou(question: QuestionStatistics) -> float | None:
    if question.state != "answered" or question.grounding is None:
        return None
    return question_miou(question.grounding)


def _rouge_l(question: QuestionStatistics) -> float | None:
    return rouge_l_of(question) if question.state == "answered" else None


GROUNDING = (
    Metric(NAME, "miou", "mIoU", needs=("masks",), question=_miou, by_part=True),
    Metric(NAME, "recall", "Recall", needs=("masks", "phrases"), depends_on=("phrases",)),
)


def by_video(videos: Videos, similarity: PhraseSimilarity | None, meteor: Meteor) -> dict[str, dict[str, float | Sums]]:
    """The metrics of each video; one without an answered question has none; no recall without a similarity."""
    answered = {video: answered_of(questions) for video, questions in videos.items()}
    groundings = {video: _groundings(questions) for video, questions in answered.items()}
    captions = _captions(answered, meteor)
    if similarity is not None:
        prepare(
            similarity,
            [
                pair
                for video_groundings in groundings.values()
                for grounding in _with_predictions(video_groundings)
                for pair in _pairs(grounding)
            ],
        )
    return {
        video: {**_grounding_metrics(groundings[video], similarity), **captions.get(video, {})} for video in answered
    }


def _groundings(questions: Sequence[QuestionStatistics]) -> list[Grounding]:
    return [question.grounding for question in questions if question.grounding is not None]


def _grounding_metrics(questions: Sequence[Grounding], similarity: PhraseSimilarity | None) -> dict[str, float]:
    if not questions:
        return {}
    metrics = {"miou": mean([question_miou(question) for question in questions])}
    return metrics if similarity is None else {**metrics, "recall": recall(questions, similarity)}


def question_miou(question: Grounding) -> float:
    """The mean of the IoUs that are taken greedily; 0 where none is."""
    ious = question.paper_matrix
    matched_ious = [float(ious[pair]) for pair in greedy(ious)]
    return mean(matched_ious) if matched_ious else 0.0


def recall(questions: Sequence[Grounding], similarity: PhraseSimilarity) -> float:
    """Matches by the true phrases of the questions for which a track and a phrase were predicted; 0 without phrases."""
    with_predictions = _with_predictions(questions)
    positives = sum(len(grounding.true_phrases) for grounding in with_predictions)
    matches = sum(
        len(paper_matches(grounding.paper_matrix, _similarities(grounding, similarity)))
        for grounding in with_predictions
    )
    return matches / positives if positives else 0.0


def _with_predictions(questions: Sequence[Grounding]) -> list[Grounding]:
    return [grounding for grounding in questions if grounding.predicted and grounding.predicted_phrases]


def _similarities(question: Grounding, similarity: PhraseSimilarity) -> Floats:
    """The similarities (true, predicted), 0 where the IoU ends the search whatever they are."""
    similarities = np.zeros((len(question.true_phrases), len(question.predicted_phrases)))
    similarities[tuple(_overlapping(question).T)] = at(similarity, _pairs(question))
    return similarities


def _pairs(question: Grounding) -> list[tuple[str, str]]:
    return [(question.true_phrases[i], question.predicted_phrases[j]) for i, j in _overlapping(question)]


def _overlapping(question: Grounding) -> NDArray[np.int64]:
    """The common indices (n, 2) of both matrices at which the IoU suffices; the released transposition included."""
    ious = question.paper_matrix[: len(question.true_phrases), : len(question.predicted_phrases)]
    return np.argwhere(ious >= IOU_THRESHOLD)


def _captions(videos: Videos, meteor: Meteor) -> dict[str, dict[str, float]]:
    texts = {
        video: [question.text for question in questions if isinstance(question.text, TextStatistics)]
        for video, questions in videos.items()
    }
    ciders = {
        video: cider([text.candidate for text in video_texts], [text.reference for text in video_texts]).tolist()
        for video, video_texts in texts.items()
    }
    return caption_metrics(texts, ciders, meteor)
