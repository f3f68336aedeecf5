"""The column that a judge fills: CLAIR in the paper protocol, Judge in the strict one (docs/judge.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sama_bench.protocol import Protocol, Values, Videos
from sama_bench.score.block import JudgeSummary, Quotes
from sama_bench.score.caption_statistics import mean
from sama_bench.score.paper import JUDGED as PAPERS
from sama_bench.statistics import QuestionStatistics, answered
from sama_bench.types import Key

if TYPE_CHECKING:
    from sama_bench.verdicts.judge_result import Judged

HOW = {PAPERS: " --template clair"}
MOST_UNSCORED = 0.01


def column_judge(judges: Mapping[str, Judged], protocol: Protocol, videos: Videos) -> Judged | None:
    """The judge of the protocol's column, if it said anything of a task whose videos these are, or had nothing to say.

    None where it said nothing, and where nobody judged for it, or nobody has to.
    """
    judged = judges.get(protocol.judged.name) if protocol.judged is not None else None
    keys = _answered_keys(videos)
    if judged is None or not keys or any(judged.verdicts.get(key) for key in keys):
        return judged
    return None


def _answered_keys(videos: Videos) -> list[Key]:
    return [question.key for questions in videos.values() for question in answered(questions)]


def fill(values: Values, protocol: Protocol, videos: Videos, judged: Judged | None) -> None:
    """Put the column into the metrics of each video, where a judge says anything of it."""
    if judged is None:
        return
    for video, value in by_video(protocol, videos, judged).items():
        values.setdefault(video, {})[judged.column] = value


def by_video(protocol: Protocol, videos: Videos, judged: Judged) -> dict[str, float]:
    """The mean of each video's questions that have a value, in 0…1; a video without one is absent.

    A question's value is the mean of its scored samples. One that is missing, or ended in an error, is left out in
    paper and 0 in strict, as an empty text is in all metrics of texts.
    """
    values = {
        video: [_value(question, judged) for question in questions]
        for video, questions in _counted(protocol, videos, judged).items()
    }
    return {video: mean(video_values) for video, video_values in values.items() if video_values}


def _counted(protocol: Protocol, videos: Videos, judged: Judged) -> dict[str, list[QuestionStatistics]]:
    """The questions of each video that have a value."""

    def counts(question: QuestionStatistics) -> bool:
        return (
            judged.value(question.key) is not None if question.state == "answered" else protocol.unanswered == "empty"
        )

    return {video: [question for question in questions if counts(question)] for video, questions in videos.items()}


def _value(question: QuestionStatistics, judged: Judged) -> float:
    return (judged.value(question.key) or 0.0) if question.state == "answered" else 0.0


def summary(protocol: Protocol, videos: Videos, judged: Judged) -> JudgeSummary:
    """Sum up a judge's column: how many answers were judged, what the samples say, why some have no score.

    `own_error` is the standard error of the mean that comes from the judge alone.
    """
    counted = _counted(protocol, videos, judged)
    error = judged.own_error({video: [question.key for question in questions] for video, questions in counted.items()})
    totals = judged.summary(_answered_keys(videos))
    quotes = Quotes(**totals.pop("quotes")) if "quotes" in totals else None
    return JudgeSummary(column=judged.column, **totals, quotes=quotes, own_error=error)


def without_score(judge: JudgeSummary) -> int:
    """The number of answers without a score: not judged, or unscored."""
    return judge.of - judge.judged + judge.unscored


def mark(judge: JudgeSummary) -> dict[str, str]:
    """The column with why its number is to be read with care; empty where at most 1 % of the answers have no score."""
    count_without = without_score(judge)
    if count_without <= MOST_UNSCORED * judge.of:
        return {}
    return {judge.column: f"{count_without} of {judge.of} answers have no score"}


def missing(column: str) -> dict[str, str]:
    """The column with what it needs, for a run that nobody judged."""
    return {column: f"no verdicts: sama-bench judge RUN --judge MODEL{HOW.get(column, '')}"}


def notes(judge: JudgeSummary) -> list[str]:
    """The lines below a table: what has no score and why, and how much the samples of one question differ."""
    column, lines = judge.column, []
    if judge.unscored:
        reasons = "; ".join(f"{reason} ({count})" for reason, count in judge.reasons.items())
        lines.append(f"{column}: {judge.unscored} of {judge.judged} judged answers unscored: {reasons}")
    if judge.judged < judge.of:
        lines.append(f"{column}: {judge.of - judge.judged} of {judge.of} answers not judged yet")
    if judge.spread is not None:
        error = "" if judge.own_error is None else f", {100 * judge.own_error:.2f} of the mean's standard error"
        lines.append(
            f"{column}: {judge.samples} samples a question differ by {100 * judge.spread:.2f} "
            f"(standard deviation); the judge's own share{error}: in the interval"
        )
    return lines
