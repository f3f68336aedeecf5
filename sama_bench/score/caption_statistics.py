"""From answers and references to what the caption metrics need, through one JVM in large batches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from sama_bench.metric import Metric, QuestionValue, Sums
from sama_bench.metrics.bleu import BleuStatistics, bleu, bleu_statistics
from sama_bench.metrics.java import JavaCalls, TextFault
from sama_bench.metrics.rouge import rouge_l
from sama_bench.protocol import Meteor, Videos
from sama_bench.statistics import QuestionStatistics, TextStatistics

CAPTION_METRICS = ("Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "METEOR", "ROUGE_L", "CIDEr")
CIDER_BOUNDS = (0.0, 10.0)  # ten times a cosine


def caption_columns(protocol: str, *, rouge_l: QuestionValue, grounded: bool) -> tuple[Metric, ...]:
    """The declarations of the caption metrics; a task whose answers ground something has others that lead.

    BLEU, METEOR and CIDEr are of whole videos; ROUGE-L is a mean, so single questions have it, as `rouge_l` says.
    """

    def bleu(n: int) -> Metric:
        return Metric(protocol, f"Bleu_{n}", f"BLEU-{n}", needs=("text",), depends_on=("tokenizer",))

    return (
        *map(bleu, (1, 2, 3, 4)),
        Metric(
            protocol, "METEOR", "METEOR", needs=("text",), depends_on=("tokenizer", "meteor"),
            headline=True, by_part=True, plotted=True,
        ),
        Metric(
            protocol, "ROUGE_L", "ROUGE-L", needs=("text",), depends_on=("tokenizer",), question=rouge_l,
            by_part=not grounded, plotted=not grounded,
        ),
        Metric(
            protocol, "CIDEr", "CIDEr", bounds=CIDER_BOUNDS, needs=("text",), depends_on=("tokenizer",), plotted=True,
        ),
    )  # fmt: skip


def rouge_l_of(question: QuestionStatistics) -> float | None:
    """ROUGE-L of one answer; None where Java gave no value."""
    return question.text.rouge_l if isinstance(question.text, TextStatistics) else None


def compare(java: JavaCalls, groups: Sequence[Sequence[tuple[str, str]]]) -> list[TextStatistics | TextFault]:
    """Compare each plain answer with its plain reference; a TextFault where Java gave no value for one of the two.

    A group are the pairs of one task of one video, in order: the released scripts tokenise them together, and how a
    text ends then depends on how the next one begins (`Java.tokenize_together`). The result is flat.
    """
    answers = java.tokenize_together([[answer for answer, _ in group] for group in groups])
    references = java.tokenize_together([[reference for _, reference in group] for group in groups])
    tokenised = [_tokenised(*pair) for pair in zip(chain(*answers), chain(*references), strict=True)]
    lines = iter(java.meteor_statistics([pair for pair in tokenised if not isinstance(pair, TextFault)]))
    return [pair if isinstance(pair, TextFault) else _compared(*pair, next(lines)) for pair in tokenised]


def tokens(java: JavaCalls, texts: Iterable[str]) -> dict[str, str | TextFault]:
    """Each different text of `texts`, tokenised."""
    different = list(dict.fromkeys(texts))
    return dict(zip(different, java.tokenize(different), strict=True))


def _tokenised(answer: str | TextFault, reference: str | TextFault) -> tuple[str, str] | TextFault:
    if isinstance(answer, TextFault):
        return TextFault(f"tokenizer: the answer {answer.reason}")
    if isinstance(reference, TextFault):
        return TextFault(f"tokenizer: the reference {reference.reason}")
    return answer, reference


def _compared(answer: str, reference: str, meteor: str | TextFault) -> TextStatistics | TextFault:
    if isinstance(meteor, TextFault):
        return TextFault(f"METEOR: {meteor.reason}")
    return TextStatistics(answer, reference, bleu_statistics(answer, reference), rouge_l(answer, reference), meteor)


def caption_metrics(
    videos: Mapping[str, Sequence[TextStatistics]], ciders: Mapping[str, Sequence[float]], meteor: Meteor
) -> dict[str, dict[str, float]]:
    """The metrics of each video that has a text, from its texts in question order and their CIDEr values.

    BLEU and METEOR are those of the video's texts together, ROUGE-L and CIDEr the means over them.
    """
    scored = {video: texts for video, texts in videos.items() if texts}
    aggregates = meteor([[text.meteor for text in texts] for texts in scored.values()])
    return {
        video: _of_video(texts, aggregate, ciders[video])
        for (video, texts), (aggregate, _) in zip(scored.items(), aggregates, strict=True)
    }


def _of_video(texts: Sequence[TextStatistics], meteor: float, ciders: Sequence[float]) -> dict[str, float]:
    total = sum((text.bleu for text in texts), BleuStatistics())
    values = (*bleu(total), meteor, mean([text.rouge_l for text in texts]), mean(ciders))
    return dict(zip(CAPTION_METRICS, values, strict=True))


def mean(values: Sequence[float]) -> float:
    """The mean of at least one value; the order of the values does not matter to the last digit."""
    return math.fsum(values) / len(values)


def captions_of_parts(videos: Videos, meteor: Meteor) -> dict[str, dict[str, float | Sums]]:
    """The caption metrics of each video that has a text, but CIDEr: that is of whole sets, and takes long."""
    texts = {
        video: [question.text for question in questions if isinstance(question.text, TextStatistics)]
        for video, questions in videos.items()
    }
    values = caption_metrics(texts, {video: [0.0] * len(video_texts) for video, video_texts in texts.items()}, meteor)
    return {
        video: {name: value for name, value in video_values.items() if name != "CIDEr"}
        for video, video_values in values.items()
    }
