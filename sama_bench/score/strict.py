"""The strict protocol: what the paper protocol is meant to measure, without its defects (docs/protocols.md)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sama_bench.metric import Metric, Sums
from sama_bench.metrics.cider import cider
from sama_bench.metrics.matching import most_matches
from sama_bench.protocol import Meteor, Nothing, PhraseSimilarity, Protocol, ScoringInputs, Values, Videos
from sama_bench.score.caption_statistics import caption_columns, caption_metrics, captions_of_parts, mean, rouge_l_of
from sama_bench.score.phrases import at, prepare, threshold
from sama_bench.statistics import Grounding, QuestionStatistics, TextStatistics

NAME = "strict"
JUDGED = "Judge"
IOU_THRESHOLD = 0.5

Bools = NDArray[np.bool_]


class Strict(Protocol):
    """The protocol for a task whose answers have tracks (`grounded`), or are texts alone."""

    name = NAME
    similarity = "strict"

    def __init__(self, *, grounded: bool) -> None:
        captions = caption_columns(NAME, rouge_l=rouge_l_of, grounded=grounded)
        judge = Metric(NAME, JUDGED, JUDGED, needs=("text", "judge"), depends_on=("judge",))
        self.metrics = (*(GROUNDING if grounded else ()), *captions, judge)

    def by_video(self, videos: Videos, inputs: ScoringInputs) -> Values:
        """The metrics of each video; one that is undefined in a video is absent."""
        return dict(by_video(videos, inputs.similarity, inputs.meteor, inputs.corpus()))

    def nothing(self, metrics: Sequence[Metric], questions: Sequence[QuestionStatistics]) -> Nothing | None:
        """The questions that ground nothing, where the model can have false groundings."""
        return count_nothing(groundings(questions)) if FALSE_GROUNDINGS in metrics else None

    def parts_by_video(self, videos: Videos, meteor: Meteor) -> Values:
        """The metrics of tracks that compare no phrases, and the caption metrics without CIDEr, which is of no part."""
        values: Values = {**captions_of_parts(videos, meteor)}
        for video, questions in videos.items():
            values.setdefault(video, {}).update(grounding_metrics(groundings(questions), None))
        return values


def _overlap(name: str, label: str, *, headline: bool = False, by_part: bool = False) -> Metric:
    """A mean over the pairs of the best assignment, which single questions have."""

    def value(question: QuestionStatistics) -> float | None:
        return None if question.grounding is None else question_overlaps(question.grounding).get(name)

    return Metric(
        NAME, name, label, needs=("masks",), question=value, headline=headline, by_part=by_part, plotted=headline
    )


def _detection_metric(name: str, label: str, *, headline: bool = False) -> Metric:
    return Metric(NAME, name, label, needs=("masks",), headline=headline, by_part=headline, plotted=headline)


def _of_phrases(name: str, label: str) -> Metric:
    return Metric(NAME, name, label, needs=("masks", "phrases"), depends_on=("phrases",))


FALSE_GROUNDINGS = Metric(NAME, "false_groundings", "False groundings", higher_is_better=False, needs=("masks",))
GROUNDING = (
    _overlap("miou", "mIoU", by_part=True),
    _overlap("J", "J"),
    _overlap("F", "F"),
    _overlap("J&F", "J&F", headline=True, by_part=True),
    _of_phrases("recall", "Recall"),
    _of_phrases("precision", "Precision"),
    _of_phrases("f1", "F1"),
    _detection_metric("recall_iou", "Recall by IoU"),
    _detection_metric("precision_iou", "Precision by IoU"),
    _detection_metric("f1_iou", "F1 by IoU", headline=True),
    FALSE_GROUNDINGS,
)


def by_video(
    videos: Videos, similarity: PhraseSimilarity | None, meteor: Meteor, corpus: Sequence[str]
) -> dict[str, dict[str, float | Sums]]:
    """The metrics of each video; one that is undefined in a video is absent, as those of phrases without a similarity.

    `corpus` are the tokenised references of the task in the whole benchmark.
    """
    captions = _captions(videos, meteor, corpus)
    if similarity is not None:
        all_groundings = [grounding for questions in videos.values() for grounding in groundings(questions)]
        prepare(similarity, [pair for grounding in all_groundings for pair in _pairs(grounding)])
    return {
        video: {**grounding_metrics(groundings(questions), similarity), **captions.get(video, {})}
        for video, questions in videos.items()
    }


def groundings(questions: Sequence[QuestionStatistics]) -> list[Grounding]:
    """The groundings of the questions, answered or not; none in task C."""
    return [question.grounding for question in questions if question.grounding is not None]


def grounding_metrics(questions: Sequence[Grounding], similarity: PhraseSimilarity | None) -> dict[str, float]:
    """All metrics of tracks that are defined for these questions of one video, in 0…1."""
    metrics = {**_overlaps(questions), **_detection(questions, similarity)}
    nothing = count_nothing(questions)
    if nothing.questions:
        metrics["false_groundings"] = nothing.grounded / nothing.questions
    return metrics


def count_nothing(questions: Sequence[Grounding]) -> Nothing:
    """Count the questions without a true track, and the false groundings among them."""
    nothing = [grounding for grounding in questions if not grounding.true]
    return Nothing(len(nothing), sum(grounding.predicted > 0 for grounding in nothing))


def _overlaps(questions: Sequence[Grounding]) -> dict[str, float]:
    """Means over the questions that ground something: of IoU, J and F of the best assignment."""
    grounded = [grounding for grounding in questions if grounding.true]
    if not grounded:
        return {}
    j = mean([_shared_out(grounding, [pair.j for pair in grounding.pairs]) for grounding in grounded])
    f = mean([_shared_out(grounding, [pair.f for pair in grounding.pairs]) for grounding in grounded])
    return {"miou": mean([question_miou(grounding) for grounding in grounded]), "J": j, "F": f, "J&F": (j + f) / 2}


def question_miou(question: Grounding) -> float:
    """The largest sum of IoUs of a one-to-one assignment, divided by the tracks of the side that has more."""
    return _shared_out(question, [question.ious[pair.predicted][pair.true] for pair in question.pairs])


def question_overlaps(question: Grounding) -> dict[str, float]:
    """`miou`, `J`, `F` and `J&F` of one question; none where it grounds nothing."""
    if not question.true:
        return {}
    j = _shared_out(question, [pair.j for pair in question.pairs])
    f = _shared_out(question, [pair.f for pair in question.pairs])
    return {"miou": question_miou(question), "J": j, "F": f, "J&F": (j + f) / 2}


def _shared_out(question: Grounding, values: Sequence[float]) -> float:
    return sum(values) / max(question.true, question.predicted)


def _detection(questions: Sequence[Grounding], similarity: PhraseSimilarity | None) -> dict[str, float]:
    true, predicted = (
        sum(grounding.true for grounding in questions),
        sum(grounding.predicted for grounding in questions),
    )
    metrics: dict[str, float] = {}
    kinds: list[tuple[str, PhraseSimilarity | None]] = [("_iou", None)]
    if similarity is not None:
        kinds.append(("", similarity))
    for suffix, compare in kinds:
        matches = sum(count_matches(grounding, compare) for grounding in questions)
        if true:
            metrics[f"recall{suffix}"] = matches / true
        if predicted:
            metrics[f"precision{suffix}"] = matches / predicted
        if true + predicted:
            metrics[f"f1{suffix}"] = 2 * matches / (true + predicted)
    return metrics


def count_matches(question: Grounding, similarity: PhraseSimilarity | None) -> int:
    """The most pairs whose IoU reaches 0.5, and whose phrases reach the threshold of a given similarity."""
    ious = question.matrix
    if not ious.size:
        return 0
    admissible: Bools = ious >= IOU_THRESHOLD
    if similarity is not None:
        admissible[admissible] = _alike(_pairs(question), similarity)
    return len(most_matches(admissible, ious))


def _pairs(question: Grounding) -> list[tuple[str, str]]:
    """The phrases (true, predicted) of the pairs of tracks whose IoU suffices, predicted track by predicted track."""
    ious = question.matrix
    places = np.argwhere(ious >= IOU_THRESHOLD).reshape(-1, 2)
    return [(question.true_groundings[true], question.predicted_groundings[predicted]) for predicted, true in places]


def _alike(pairs: Sequence[tuple[str, str]], similarity: PhraseSimilarity) -> list[bool]:
    """For each pair whether it is similar enough; a track without phrase is only like another such."""
    least = threshold(similarity)
    return [
        value >= least if phrase and other else phrase == other
        for (phrase, other), value in zip(pairs, at(similarity, pairs), strict=True)
    ]


def _captions(videos: Videos, meteor: Meteor, corpus: Sequence[str]) -> dict[str, dict[str, float]]:
    texts = {
        video: [question.text for question in questions if isinstance(question.text, TextStatistics)]
        for video, questions in videos.items()
    }
    flat = [text for video_texts in texts.values() for text in video_texts]
    if not flat:
        return {}
    values = iter(cider([text.candidate for text in flat], [text.reference for text in flat], corpus).tolist())
    ciders = {video: [next(values) for _ in video_texts] for video, video_texts in texts.items()}
    return caption_metrics(texts, ciders, meteor)
