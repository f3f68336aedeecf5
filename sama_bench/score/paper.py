"""The paper protocol: what the released scripts compute, defects included (docs/protocols.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sama_bench.metrics.cider import cider
from sama_bench.metrics.matching import greedy, paper_matches
from sama_bench.score.phrases import PhraseSimilarity
from sama_bench.score.statistics import Grounding, QuestionStatistics, TextStatistics
from sama_bench.score.texts import CAPTION_METRICS, Meteor, caption_metrics, mean

NAME = "paper"
METRICS = ("miou", "recall", *CAPTION_METRICS)

Videos = Mapping[str, Sequence[QuestionStatistics]]


def by_video(videos: Videos, similarity: PhraseSimilarity, meteor: Meteor) -> dict[str, dict[str, float]]:
    """The metrics of each video; a video without an answered question has none."""
    answered = {video: counted(questions) for video, questions in videos.items()}
    groundings = {video: _groundings(questions) for video, questions in answered.items()}
    captions = _captions(answered, meteor)
    return {
        video: {**_grounding_metrics(groundings[video], similarity), **captions.get(video, {})} for video in answered
    }


def counted(questions: Sequence[QuestionStatistics]) -> list[QuestionStatistics]:
    """The questions that have an answer: the released scripts know no others."""
    return [question for question in questions if question.state == "answered"]


def _groundings(questions: Sequence[QuestionStatistics]) -> list[Grounding]:
    return [question.grounding for question in questions if question.grounding is not None]


def _grounding_metrics(questions: Sequence[Grounding], similarity: PhraseSimilarity) -> dict[str, float]:
    if not questions:
        return {}
    return {"miou": mean([question_miou(question) for question in questions]), "recall": recall(questions, similarity)}


def question_miou(question: Grounding) -> float:
    """The mean of the IoUs that are taken greedily; 0 where none is."""
    ious = question.paper_matrix
    taken = [float(ious[pair]) for pair in greedy(ious)]
    return mean(taken) if taken else 0.0


def recall(questions: Sequence[Grounding], similarity: PhraseSimilarity) -> float:
    """Matches by the true phrases of the questions for which a track and a phrase were predicted; 0 without phrases."""
    asked = [one for one in questions if one.predicted and one.predicted_phrases]
    positives = sum(len(one.true_phrases) for one in asked)
    matches = sum(
        len(paper_matches(one.paper_matrix, similarity(one.true_phrases, one.predicted_phrases))) for one in asked
    )
    return matches / positives if positives else 0.0


def _captions(videos: Videos, meteor: Meteor) -> dict[str, dict[str, float]]:
    texts = {
        video: [question.text for question in questions if isinstance(question.text, TextStatistics)]
        for video, questions in videos.items()
    }
    ciders = {
        video: cider([text.candidate for text in own], [text.reference for text in own]).tolist()
        for video, own in texts.items()
    }
    return caption_metrics(texts, ciders, meteor)
