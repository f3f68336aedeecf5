"""Caption metrics of single questions: what METEOR, CIDEr and a judge say of each answer by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sama_bench.benchmark.installed import load_task
from sama_bench.metrics.cider import cider
from sama_bench.metrics.java import JavaCalls
from sama_bench.score.engine import ScoredTask
from sama_bench.statistics import QuestionStatistics, TextStatistics
from sama_bench.types import Key, TaskName

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.verdicts.judge_result import Judged


def meteor_and_cider(
    benchmark: Benchmark, questions: Sequence[QuestionStatistics], java: JavaCalls
) -> dict[Key, dict[str, float]]:
    """METEOR (in 0…1) and CIDEr (in 0…10) of each question that has a text, as the strict protocol's videos have them.

    CIDEr counts words as that does: over all references of the task in the whole benchmark. METEOR's segment scores
    are those of single questions; a video's own METEOR is of all its questions together, so that their mean is not it.
    """
    by_task: dict[TaskName, list[tuple[Key, TextStatistics]]] = {}
    for question in questions:
        if isinstance(question.text, TextStatistics):
            by_task.setdefault(question.key.task, []).append((question.key, question.text))
    values: dict[Key, dict[str, float]] = {}
    for name, of_task in by_task.items():
        keys, texts = zip(*of_task, strict=True)
        corpus = ScoredTask(benchmark, load_task(name), {}, java, {}).corpus()
        ciders = cider([text.candidate for text in texts], [text.reference for text in texts], corpus or None).tolist()
        ((_, meteors),) = java.meteor([[text.meteor for text in texts]])
        values |= {
            key: {"METEOR": meteor, "CIDEr": cider_value}
            for key, meteor, cider_value in zip(keys, meteors, ciders, strict=True)
        }
    return values


def judged_values(question: QuestionStatistics, judges: Mapping[str, Judged]) -> dict[str, float]:
    """What judges say of a question by their column, in 0…1; one that is not answered counts as its protocol says."""
    values: dict[str, float] = {}
    for protocol in load_task(question.key.task).scoring:
        judged = judges.get(protocol.judged.name) if protocol.judged is not None else None
        if judged is None:
            continue
        if question.state != "answered":
            if protocol.unanswered == "empty":
                values[judged.column] = 0.0
        elif (value := judged.value(question.key)) is not None:
            values[judged.column] = value
    return values
