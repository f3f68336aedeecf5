"""Metrics: one declaration each, from which tables, comparison, gate, page, lmms-eval and documentation follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from sama_bench.statistics import QuestionStatistics

# What an answer needs so that it has a value: masks, words of the model's own, phrases that are compared, a judge.
Need: TypeAlias = Literal["masks", "text", "phrases", "judge"]
# Parts of the signature that only some metrics depend on; on the other parts all do.
Part: TypeAlias = Literal["tokenizer", "meteor", "phrases", "judge"]
PARTS: tuple[Part, ...] = ("tokenizer", "meteor", "phrases", "judge")
# How the values of videos become one: their mean, or a ratio of sums over all of them (as cIoU is).
Aggregation: TypeAlias = Literal["mean of videos", "ratio of sums"]


class Sums(NamedTuple):
    """Numerator and denominator of a ratio; those of a video are the sums over its questions."""

    numerator: float
    denominator: float

    @property
    def ratio(self) -> float:
        """The ratio of the sums; the denominator is not 0."""
        return self.numerator / self.denominator


QuestionValue: TypeAlias = Callable[[QuestionStatistics], float | None]
QuestionSums: TypeAlias = Callable[[QuestionStatistics], Sums | None]


@dataclass(frozen=True)
class Metric:
    """A column of a table.

    `protocol` is the one that it belongs to, `name` its name in JSON, `label` what people call it. Values are
    fractions, shown in `unit`, and lie within `bounds`. `needs` say what a model must give so that it has a value,
    `depends_on` which parts of the signature it depends on beside those that all metrics do.

    `question` gives the value of a single question, None where that has none; it is None itself for a metric that only
    whole videos have. With the aggregation "ratio of sums" `sums` gives a question's numerator and denominator.

    `headline` metrics are what the gate looks at where nobody says otherwise; `by_part` are broken down; `plotted`
    stand in the page's plots.
    """

    protocol: str
    name: str
    label: str
    higher_is_better: bool = True
    unit: str = "%"
    bounds: tuple[float, float] = (0.0, 1.0)
    needs: tuple[Need, ...] = ()
    depends_on: tuple[Part, ...] = ()
    question: QuestionValue | None = None
    sums: QuestionSums | None = None
    headline: bool = False
    by_part: bool = False
    plotted: bool = False

    @property
    def aggregation(self) -> Aggregation:
        """The way in which the values of videos become one."""
        return "mean of videos" if self.sums is None else "ratio of sums"

    @property
    def heading(self) -> str:
        """The label with the arrow of the better direction."""
        return f"{self.label} {'↑' if self.higher_is_better else '↓'}"

    def own_signature(self, signature: Mapping[str, object]) -> dict[str, object]:
        """The parts of a task's signature that the metric depends on; numbers of one metric compare where it is equal.

        `asked` is left out: it belongs to who answered, not to what is measured.
        """
        left_out = {*PARTS} - {*self.depends_on} | {*OF_THE_MODEL}
        return {name: value for name, value in signature.items() if name not in left_out}


# Parts of the signature in which numbers that stand in one column may differ.
OF_THE_MODEL = ("asked",)


def common_signature(signature: Mapping[str, object]) -> dict[str, object]:
    """The parts of a task's signature that all of its metrics depend on."""
    return {name: value for name, value in signature.items() if name not in {*PARTS, *OF_THE_MODEL}}


def question_values(metrics: Sequence[Metric], question: QuestionStatistics) -> dict[str, float]:
    """The values that a question has by itself, by the metric's name, in the order of the metrics."""
    values = ((metric.name, metric.question(question)) for metric in metrics if metric.question is not None)
    return {name: value for name, value in values if value is not None}


FALLBACK = 3  # metrics where none is declared a headline


def headline_metrics(metrics: Sequence[Metric]) -> list[Metric]:
    """Those of some metrics that are declared headlines, or else the first three."""
    return [metric for metric in metrics if metric.headline] or list(metrics[:FALLBACK])


def shown_first(metrics: Sequence[Metric]) -> list[Metric]:
    """The headline metrics of some metrics, and what a judge said."""
    judged = (metric for metric in metrics if "judge" in metric.needs)
    return list(dict.fromkeys([*headline_metrics(metrics), *judged]))
