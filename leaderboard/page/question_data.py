"""The page's record of each question of a run: little, so that twenty runs fit into memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sama_bench.benchmark.installed import load_task
from sama_bench.leaderboard.board import ScoredRun
from sama_bench.metric import question_values
from sama_bench.run.store import Store
from sama_bench.score.comparison_inputs import load_side
from sama_bench.statistics import Facts, Grounding, QuestionStatistics, State, TextStatistics
from sama_bench.types import Key

if TYPE_CHECKING:
    from sama_bench.verdicts.judge_result import Judged

OVERLAP, TEXT, JUDGE = "J&F", "ROUGE_L", "judge"
RIGHT = 0.5


@dataclass(frozen=True)
class Overlap:
    """A predicted and a true track of the best assignment: IoU as volumes, and the mean of J and F, in 0…1."""

    iou: float
    jf: float


@dataclass(frozen=True)
class Known:
    """One question in one run.

    `values` are the metrics of its task's main protocol that it has by itself, in 0…1, and the judge's value.
    `true` and `predicted` count tracks, None where an answer is a text alone. `said` and `reference` are answer and
    truth as the text metrics saw them.
    """

    state: State
    unread: bool
    facts: Facts | None
    values: Mapping[str, float]
    orders_by: str = OVERLAP
    true: int | None = None
    predicted: int | None = None
    overlaps: Sequence[Overlap] = ()
    said: str = ""
    reference: str = ""

    @property
    def main(self) -> float | None:
        """The value that orders the question: its task's metric; without objects, whether nothing was predicted."""
        if self.true == 0:
            return float(self.state == "answered" and not self.predicted)
        return self.values.get(self.orders_by)

    @property
    def right(self) -> bool | None:
        """Whether J&F reaches 0.5, or rightly nothing was found; of a text what a judge says, None without one."""
        value = self.values.get(JUDGE) if self.true is None else self.main
        return None if value is None else value >= RIGHT

    def reaching(self, iou: float) -> float | None:
        """J&F where only pairs whose IoU is at least `iou` count; None for texts and where nothing is to be found."""
        if not self.true:
            return None
        reached = sum(pair.jf for pair in self.overlaps if pair.iou >= iou)
        return reached / max(self.true, self.predicted or 0)


@dataclass(frozen=True)
class ReadRun:
    """A run with its questions; `reasons` are those of its errors, `judged` what judges said by column.

    `bench` is the name of its benchmark, as the run noted it.
    """

    path: Path
    model: str
    sees_truth: bool
    fingerprint: str
    questions: Mapping[Key, Known]
    reasons: Mapping[Key, str]
    judged: Mapping[str, Judged]
    bench: str = ""


def read(run: ScoredRun) -> ReadRun:
    """Read the questions of a scored run; raises UserError as `load_side` and `Store` do."""
    with Store.open(run.path) as store:
        reasons, judged, fingerprint = store.errors(), store.judged(), store.settings.fingerprint
        bench = store.manifest.bench_name
    statistics = load_side(run.path).statistics if run.scores.partial is None else run.scores.statistics
    questions = {key: _known(question, tuple(judged.values())) for key, question in statistics.items()}
    return ReadRun(run.path, run.model, run.sees_truth, fingerprint, questions, reasons, judged, bench)


def _known(question: QuestionStatistics, judges: Collection[Judged]) -> Known:
    text, grounding = question.text, question.grounding
    task = load_task(question.key.task)
    values = question_values(task.main_protocol.metrics, question) | _judged(question.key, judges)
    candidate, reference = (text.candidate, text.reference) if isinstance(text, TextStatistics) else ("", "")
    known = Known(
        question.state, question.unread, question.facts, values, task.orders_by, said=candidate, reference=reference
    )
    if grounding is None:
        return known
    return replace(known, true=grounding.true, predicted=grounding.predicted, overlaps=_overlaps(grounding))


def _judged(key: Key, judges: Collection[Judged]) -> dict[str, float]:
    """The judge's value of the question; where several columns have one, the last."""
    values = [value for judge in judges if (value := judge.value(key)) is not None]
    return {JUDGE: values[-1]} if values else {}


def _overlaps(grounding: Grounding) -> list[Overlap]:
    return [Overlap(grounding.ious[pair.predicted][pair.true], (pair.j + pair.f) / 2) for pair in grounding.pairs]
