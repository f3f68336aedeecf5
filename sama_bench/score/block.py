"""The numbers of one task under one protocol, as they stand in scores.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sama_bench.metric import Metric, Sums
from sama_bench.metrics.java import TextFault
from sama_bench.protocol import Values
from sama_bench.score.caption_statistics import mean
from sama_bench.score.intervals import LEVEL, METHOD, RESAMPLES, SEED, Clusters, intervals
from sama_bench.statistics import QuestionStatistics


@dataclass(frozen=True)
class Bootstrap:
    """The bootstrap behind intervals: level in 0…1, method, number of resamples, seed."""

    level: float
    resamples: int
    seed: int
    method: str = ""

    def to_json(self) -> dict[str, object]:
        """With JSON's own types, in the order of the file."""
        return {"level": self.level, "method": self.method, "resamples": self.resamples, "seed": self.seed}


USUAL = Bootstrap(LEVEL, RESAMPLES, SEED, METHOD)


@dataclass(frozen=True)
class Fault:
    """A question of whose text Java gave no value."""

    question_id: str
    reason: str


@dataclass(frozen=True)
class Quotes:
    """The number of quotes that a judge gave, and how many of them the texts do not hold."""

    given: int
    not_found: int


@dataclass(frozen=True)
class JudgeSummary:
    """A judge's column for its readers: how many answers were judged, and why some have no score.

    `spread` is the standard deviation of the samples of one question, `own_error` the standard error of the mean that
    comes from the judge alone; both None with one sample. `parts` are the means of the template's own scores.
    """

    column: str
    of: int
    judged: int
    unscored: int
    samples: int
    spread: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    quotes: Quotes | None = None
    reasons: Mapping[str, int] = field(default_factory=dict)
    own_error: float | None = None

    def to_json(self) -> dict[str, object]:
        """With JSON's own types, in the order of the file; what there is none of is left out."""
        content: dict[str, Any] = {
            name: getattr(self, name) for name in ("column", "of", "judged", "unscored", "samples")
        }
        content |= {} if self.spread is None else {"spread": self.spread}
        content["parts"] = dict(self.parts)
        content |= {} if self.quotes is None else {"quotes": vars(self.quotes).copy()}
        content |= {"reasons": dict(self.reasons)} if self.reasons else {}
        return content | ({} if self.own_error is None else {"own_error": self.own_error})


@dataclass(frozen=True)
class Block:
    """The numbers of one task under one protocol; all values are fractions, 1 is 100 percent.

    `mean` has a value for each metric that is defined anywhere, `videos` each video's own values, `interval` the ends
    of the 95 % intervals. A metric that is a ratio of sums has the numerator and denominator of each video in `sums`;
    its `mean` is the ratio over all of them. `per_expression` has the values of single questions by their ids, of those
    that count, where a task asks for one track.

    `questions` counts the selected questions, `missing` those without an answer, `errors` those that ended in one,
    `unread` answers that could not be read, or only in part. `text_faults` are the texts that Java has no value for.
    `unavailable` says of metrics what they would need, `cannot` why the model has no value, `marked` why a value does
    not rest on all of the answers. Counts that do not apply are None.
    """

    mean: Mapping[str, float]
    videos: Mapping[str, Mapping[str, float]]
    questions: int
    interval: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    bootstrap: Bootstrap | None = None
    sums: Mapping[str, Mapping[str, Sums]] = field(default_factory=dict)
    per_expression: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    missing: int = 0
    errors: int = 0
    unread: int = 0
    text_errors: int | None = None
    text_faults: Sequence[Fault] = ()
    grounding_nothing: int | None = None
    falsely_grounded: int | None = None
    judge: JudgeSummary | None = None
    marked: Mapping[str, str] = field(default_factory=dict)
    unavailable: Mapping[str, str] = field(default_factory=dict)
    cannot: Mapping[str, str] = field(default_factory=dict)

    @property
    def why_not(self) -> dict[str, str]:
        """The reason for each metric without a value, by metric."""
        return {**self.unavailable, **self.cannot}

    def clusters(self, metrics: Sequence[str], videos: Sequence[str]) -> Clusters:
        """The values of these metrics in these videos, for intervals and tests."""
        sums = {name: self.sums.get(name, {}) for name in metrics}
        return Clusters.of(
            [[sums[name].get(video) or self._value(video, name) for name in metrics] for video in videos]
        )

    def _value(self, video: str, name: str) -> float | None:
        return self.videos.get(video, {}).get(name)

    def without(self, metric: str) -> Block:
        """The same without a metric, and without what was said of it."""
        videos = {video: _without(values, metric) for video, values in self.videos.items()}
        mean, interval, marked = (_without(numbers, metric) for numbers in (self.mean, self.interval, self.marked))
        judge = None if self.judge is not None and self.judge.column == metric else self.judge
        return replace(self, mean=mean, videos=videos, interval=interval, marked=marked, judge=judge)

    def to_json(self) -> dict[str, object]:
        """With JSON's own types, in the order of the file; what does not apply is left out."""
        content: dict[str, Any] = {"mean": dict(self.mean)}
        if self.bootstrap is not None:
            content["interval"] = {name: list(bounds) for name, bounds in self.interval.items()}
            content["bootstrap"] = self.bootstrap.to_json()
        content["videos"] = {video: dict(values) for video, values in self.videos.items()}
        if self.sums:
            content["sums"] = {
                name: {v: list(value) for v, value in video_sums.items()} for name, video_sums in self.sums.items()
            }
        if self.per_expression:
            content["per_expression"] = {id_: dict(values) for id_, values in self.per_expression.items()}
        content |= {"questions": self.questions, "missing": self.missing, "errors": self.errors}
        content |= {"unread": self.unread} if self.unread else {}
        if self.text_errors is not None:
            content["text_errors"] = self.text_errors
            content["text_faults"] = [vars(fault).copy() for fault in self.text_faults]
        for name in ("grounding_nothing", "falsely_grounded"):
            content |= {} if getattr(self, name) is None else {name: getattr(self, name)}
        content |= {} if self.judge is None else {"judge": self.judge.to_json()}
        optional = {name: dict(getattr(self, name)) for name in ("marked", "unavailable", "cannot")}
        return content | {name: part for name, part in optional.items() if part}


def _without(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


def block(metrics: Sequence[Metric], values: Values, questions: Sequence[QuestionStatistics]) -> Block:
    """Put together the numbers of a task, and count its questions.

    The whole is the mean over the videos in which a metric is defined, or the ratio of the sums over them. A metric
    that is defined nowhere is absent, as is a video without any.
    """
    names = [metric.name for metric in metrics]
    known = {
        video: {name: video_values[name] for name in names if name in video_values}
        for video, video_values in values.items()
    }
    known = {video: video_values for video, video_values in known.items() if video_values}
    sums = {
        metric.name: {
            video: value
            for video, video_values in known.items()
            if isinstance(value := video_values.get(metric.name), Sums)
        }
        for metric in metrics
        if metric.sums is not None
    }
    videos = {
        video: {name: value.ratio if isinstance(value, Sums) else value for name, value in video_values.items()}
        for video, video_values in known.items()
    }
    states = Counter(question.state for question in questions)
    result = Block(
        mean=means(metrics, values),
        videos=videos,
        questions=len(questions),
        bootstrap=USUAL,
        sums={name: video_sums for name, video_sums in sums.items() if video_sums},
        missing=states["missing"],
        errors=states["error"],
        unread=sum(question.unread for question in questions),
    )
    return replace(result, interval=intervals(result.clusters(names, sorted(videos)), names))


def means(metrics: Sequence[Metric], values: Values) -> dict[str, float]:
    """The whole of each metric that is defined anywhere: the mean over the videos, or the ratio of the sums."""
    wholes: dict[str, float] = {}
    for metric in metrics:
        by_video = [video_values[metric.name] for video_values in values.values() if metric.name in video_values]
        sums = [value for value in by_video if isinstance(value, Sums)]
        if sums:
            wholes[metric.name] = total(sums).ratio
        elif by_video:
            wholes[metric.name] = mean([value for value in by_video if not isinstance(value, Sums)])
    return wholes


def total(sums: Collection[Sums]) -> Sums:
    """The sums over videos."""
    return Sums(sum(video_sums.numerator for video_sums in sums), sum(video_sums.denominator for video_sums in sums))


def with_faults(task_block: Block, counted: Sequence[QuestionStatistics]) -> Block:
    """The block of a task with captions, with those of the questions `counted` that Java has no value for."""
    faults = [
        Fault(question.key.id, question.text.reason) for question in counted if isinstance(question.text, TextFault)
    ]
    return replace(task_block, text_errors=len(faults), text_faults=faults)
