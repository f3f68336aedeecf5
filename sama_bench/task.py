"""Tasks of a benchmark: what is asked, what an answer is to be, how it is scored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sama_bench.metric import Metric
from sama_bench.protocol import Protocol
from sama_bench.types import AnswerForm, TaskName, Track, Truth, Video

# What a benchmark itself measures of a question, by name; `QuestionStatistics.measures` keeps it for its metrics.
Measure: TypeAlias = Callable[[Truth, "Answer"], Mapping[str, float]]
# The same of all selected questions of a video together: further measures of each, in their order.
MeasureVideo: TypeAlias = Callable[[Sequence[tuple[Truth, "Answer"]]], Sequence[Mapping[str, float]]]


@dataclass(frozen=True, eq=False)
class Answer:
    """The measured part of an answer: its text and tracks as RLE; none of both where there is no answer.

    `compared` has the means of J and F over all frames for pairs of tracks that the scorer has compared already: the
    predicted one's number, the true one's among `Truth.strict_tracks`. Those of other pairs have yet to be computed.
    """

    video: Video
    text: str = ""
    tracks: tuple[Track, ...] = ()
    compared: Mapping[tuple[int, int], tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Frames:
    """The frames that the released scripts show: all to the segmenter, a sample to the language model."""

    segmenter: str
    stride: int
    at_most: int
    at_least: int
    dense: int


@dataclass(frozen=True)
class Task:
    """One task of a benchmark.

    `key` names it in keys of questions and in scores.json; no two installed benchmarks may have the same. `name` is
    lmms-eval's, `alias` what people call it. `answer` is what an answer is to be; `captions` whether its text is
    compared with the reference by the caption metrics (which needs Java). `definition` is what the questions and
    metrics depend on beside the data, as JSON values; it enters the signature as a digest. `orders_by` names the metric
    by which single questions are ordered where one looks for the worst. `measure` is called for each question,
    `measure_video` once for all selected questions of a video, whose measures it adds to: for what an answer is worth
    only beside the others. A task `on_request` is asked only where it is named: its questions are those of others.
    `expressions` says that its questions are made of expressions, which a prompt's template words in its own way.
    `rounds` says that its questions about a video, in their order, are the rounds of one dialogue, so that they can be
    asked with the earlier ones before them.
    """

    key: TaskName
    name: str
    alias: str
    answer: AnswerForm
    scoring: tuple[Protocol, ...]
    definition: object
    orders_by: str
    captions: bool = False
    measure: Measure | None = None
    measure_video: MeasureVideo | None = None
    region: Literal["box", "mask"] = "mask"
    frames: Frames | None = None
    wording: str = ""
    on_request: bool = False
    expressions: bool = False
    rounds: bool = False

    @property
    def digest(self) -> str:
        """The SHA-256, in hexadecimal, of what the questions and the metrics depend on."""
        metrics = [(metric.protocol, metric.name, metric.higher_is_better) for metric in self.metrics]
        return hashlib.sha256(json.dumps([self.definition, metrics], sort_keys=True).encode()).hexdigest()

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics of all protocols, in the order of the tables."""
        return tuple(metric for protocol in self.scoring for metric in protocol.metrics)

    @property
    def protocols(self) -> tuple[str, ...]:
        """The names of the protocols, in their order."""
        return tuple(protocol.name for protocol in self.scoring)

    @property
    def main_protocol(self) -> Protocol:
        """The protocol that the gate, the page's list and the order of questions go by: strict, else the last."""
        return next((protocol for protocol in self.scoring if protocol.name == "strict"), self.scoring[-1])

    @property
    def grounds(self) -> bool:
        """True if an answer is to have tracks."""
        return self.answer != "text"

    def columns(self, protocol: str) -> tuple[Metric, ...]:
        """The metrics of one protocol, in the order of the table; none where the task has no such protocol."""
        return next((entry.metrics for entry in self.scoring if entry.name == protocol), ())
