"""Metrics that are means over expressions, and protocols that average groups of these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Literal, TypeAlias

from sama_bench.metric import Metric, QuestionValue, Sums
from sama_bench.protocol import QuestionProtocol, ScoringInputs, Values, Videos
from sama_bench.statistics import QuestionStatistics

Group: TypeAlias = Callable[[QuestionStatistics], str | None]


def mean_of_expressions(
    protocol: str,
    name: str,
    label: str,
    value: QuestionValue,
    listed: QuestionValue | None = None,
    /,
    **shown: Any,  # noqa: ANN401 - as Metric has them
) -> Metric:
    """A metric that is the mean over all expressions, whatever their video: a ratio of sums, to draw videos from.

    `listed` is the value of an expression by itself, where the released code averages something else, as one rounded.
    """

    def sums(question: QuestionStatistics) -> Sums | None:
        value_here = value(question)
        return None if value_here is None else Sums(value_here, 1.0)

    return Metric(protocol, name, label, needs=("masks",), question=listed or value, sums=sums, **shown)


def measured(name: str) -> QuestionValue:
    """What was measured of a question under this name; None where nothing was."""
    return lambda question: question.measures.get(name)


def mean_measured(*names: str) -> QuestionValue:
    """The mean of what was measured under these names; None where anything of it was not."""

    def value(question: QuestionStatistics) -> float | None:
        if any(name not in question.measures for name in names):
            return None
        return sum(question.measures[name] for name in names) / len(names)

    return value


def zero_unanswered(value: QuestionValue) -> QuestionValue:
    """The same, but 0 for a question without an answer wherever it has a value."""

    def counted(question: QuestionStatistics) -> float | None:
        value_here = value(question)
        return value_here if value_here is None or question.state == "answered" else 0.0

    return counted


def only(value: QuestionValue, belongs: Callable[[QuestionStatistics], bool]) -> QuestionValue:
    """The same for those questions that belong, None for the others."""
    return lambda question: value(question) if belongs(question) else None


class GroupProtocol(QuestionProtocol):
    """A protocol in which some metrics are the mean of the means of groups of questions, however large each is.

    `group` names a question's group; `groups` have to be there all, where any are named: else such a metric has no
    value. Its metrics keep sums, in which each question weighs 1 / the size of its group.
    """

    def __init__(
        self,
        name: str,
        metrics: Iterable[Metric],
        averaged: Mapping[str, Group],
        groups: Sequence[str] = (),
        unanswered: Literal["left out", "empty"] = "empty",
    ) -> None:
        super().__init__(name, metrics, unanswered)
        self._averaged = averaged
        self._groups = groups

    def by_video(self, videos: Videos, inputs: ScoringInputs) -> Values:
        """The metrics of each video; weights are those of the whole."""
        values = super().by_video(videos, inputs)
        for metric in self.metrics:
            if metric.name in self._averaged:
                weighted = self._weighted(metric, self._averaged[metric.name], videos)
                for video, by_metric in values.items():
                    by_metric.pop(metric.name, None)
                    by_metric.update({metric.name: weighted[video]} if video in weighted else {})
        return values

    def _weighted(self, metric: Metric, group: Group, videos: Videos) -> dict[str, Sums]:
        assert metric.sums is not None
        ratios: dict[str, list[tuple[str, float]]] = {}
        for video, questions in videos.items():
            for question in self.counted(questions):
                part, name = metric.sums(question), group(question)
                if part is not None and name is not None:
                    ratios.setdefault(video, []).append((name, part.ratio))
        sizes = Counter(name for name, _ in chain(*ratios.values()))
        if any(not sizes[name] for name in self._groups):
            return {}
        return {
            video: Sums(
                sum(value / sizes[name] for name, value in of_video), sum(1 / sizes[name] for name, _ in of_video)
            )
            for video, of_video in ratios.items()
        }
