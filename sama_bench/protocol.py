"""Protocols: their metrics, computed from the statistics of questions, video by video."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal, NamedTuple, TypeAlias

from sama_bench.metric import Metric, Sums
from sama_bench.statistics import Floats, QuestionStatistics, answered
from sama_bench.types import Key

# METEOR's aggregate and segment scores for each group of its statistics: `Java.meteor`.
Meteor: TypeAlias = Callable[[Sequence[Sequence[str]]], list[tuple[float, list[float]]]]
# How alike phrases are, (true, predicted); it may also have `threshold`, `model`, `prepare`, `fetch`, `check_local`.
PhraseSimilarity: TypeAlias = Callable[[Sequence[str], Sequence[str]], Floats]
# The questions of one task, by video, in the order of the benchmark.
Videos: TypeAlias = Mapping[str, Sequence[QuestionStatistics]]
# By video, then by metric: a value, or the sums of a ratio.
Values: TypeAlias = dict[str, dict[str, "float | Sums"]]


@dataclass(frozen=True)
class ScoringInputs:
    """The inputs of a protocol's scoring, beside the statistics of the questions.

    `similarity` is None where there is none; metrics that need it are then absent. `corpus` gives the tokenised
    references of the task in the whole benchmark, whatever was selected.
    """

    meteor: Meteor
    similarity: PhraseSimilarity | None = None
    corpus: Callable[[], Sequence[str]] = list


class Nothing(NamedTuple):
    """The number of questions that ground nothing, and of those that were answered with a track."""

    questions: int
    grounded: int


@dataclass(frozen=True)
class Mend:
    """One change on the way from a protocol's numbers to another's: its name, and in words what it changes."""

    name: str
    words: str


@dataclass(frozen=True, eq=False)
class Ladder:
    """The way from a protocol's numbers to another's, one change at a time, in order.

    `protocol` makes a protocol of those changes that are named: with none it has the numbers of `start`, with all those
    of `end`, for its own metrics. `alone` says whether each change can be made by itself as well.
    """

    start: str
    end: str
    mends: tuple[Mend, ...]
    protocol: Callable[[frozenset[str]], Protocol]
    alone: bool = True


class Protocol(ABC):
    """One way to score a task. `name` is the protocol's name in JSON, `metrics` are its columns in order.

    `similarity` names the protocol whose usual phrase similarity it takes ("paper": bert, "strict": minilm), None
    where it compares no phrases. `unanswered` says what becomes of questions without an answer.
    """

    name: str
    metrics: tuple[Metric, ...]
    similarity: Literal["paper", "strict"] | None = None
    unanswered: Literal["left out", "empty"] = "empty"

    @abstractmethod
    def by_video(self, videos: Videos, inputs: ScoringInputs) -> Values:
        """The metrics of each video; one that is undefined in a video is absent, and so is a judge's."""

    def parts_by_video(self, videos: Videos, meteor: Meteor) -> Values:
        """The metrics of each video that are `by_part`, from its questions of one part; may hold others, too."""
        return self.by_video(videos, ScoringInputs(meteor))

    def counted(self, questions: Sequence[QuestionStatistics]) -> list[QuestionStatistics]:
        """The questions that count."""
        return list(questions) if self.unanswered == "empty" else answered(questions)

    def nothing(self, metrics: Sequence[Metric], questions: Sequence[QuestionStatistics]) -> Nothing | None:  # noqa: ARG002
        """The questions that ground nothing, where `metrics`, which the model can have, tell of them; else None."""
        return None

    def ladders(self) -> Sequence[Ladder]:
        """The ways from this protocol's numbers to others', for `sama-bench explain`."""
        return ()

    def shares(self, videos: Videos, inputs: ScoringInputs) -> dict[str, dict[Key, object]]:  # noqa: ARG002
        """What each question that counts brings to each metric: its sums, or its value. Only to be compared."""
        by_metric: dict[str, dict[Key, object]] = {metric.name: {} for metric in self.metrics}
        for question in (question for questions in videos.values() for question in self.counted(questions)):
            for metric in self.metrics:
                value_of = metric.sums or metric.question
                value = None if value_of is None else value_of(question)
                if value is not None:
                    by_metric[metric.name][question.key] = value
        return by_metric

    @property
    def judged(self) -> Metric | None:
        """The column that a judge fills."""
        return next((metric for metric in self.metrics if "judge" in metric.needs), None)


class QuestionProtocol(Protocol):
    """A protocol whose metrics all come of single questions, as their declarations say.

    A metric with `sums` has the sums over a video's questions; another the mean of its values.
    """

    def __init__(
        self,
        name: str,
        metrics: Iterable[Metric],
        unanswered: Literal["left out", "empty"] = "empty",
        ladders: Sequence[Ladder] = (),
    ) -> None:
        self.name = name
        self.metrics = tuple(metrics)
        self.unanswered = unanswered
        self._ladders = ladders

    def ladders(self) -> Sequence[Ladder]:
        """The ways that it was made with."""
        return self._ladders

    def by_video(self, videos: Videos, inputs: ScoringInputs) -> Values:  # noqa: ARG002
        """Each metric of each video that has a question with a value."""
        return {
            video: {
                metric.name: value
                for metric in self.metrics
                if (value := of_questions(metric, self.counted(questions))) is not None
            }
            for video, questions in videos.items()
        }


def of_questions(metric: Metric, questions: Sequence[QuestionStatistics]) -> float | Sums | None:
    """The mean, or the sums, of the questions that have a value; None where none has, or all denominators are 0."""
    if metric.sums is not None:
        sums = [part for question in questions if (part := metric.sums(question)) is not None]
        denominator = sum(part.denominator for part in sums)
        return Sums(sum(part.numerator for part in sums), denominator) if denominator else None
    assert metric.question is not None, f"{metric.name} has neither a question's value nor its sums"
    values = [value for question in questions if (value := metric.question(question)) is not None]
    return fmean(values) if values else None
