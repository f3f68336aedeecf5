"""The input of a judge: one answered question with its reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sama_bench.benchmark.installed import load_task
from sama_bench.metrics import grounding_marks as marks
from sama_bench.types import Key, TaskName

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.run.answer_sources import Answers


@dataclass(frozen=True)
class JudgeInput:
    """The texts of one question as they were asked and answered, marks included.

    Where answers have tracks, the older marks of the reference are written as the newer ones.
    """

    key: Key
    question: str
    reference: str
    candidate: str


def cases(benchmark: Benchmark, answers: Answers, limit: int | None = None) -> Iterator[JudgeInput]:
    """The questions that have an answer, in the order of the benchmark; `limit` is the most of each task.

    A question that is missing, or ended in an error, has nothing to judge and is left out.
    """
    left: dict[TaskName, int | None] = dict.fromkeys(benchmark.tasks, limit)
    for entry in benchmark.entries:
        if all(room == 0 for room in left.values()):
            return
        predictions = answers.predictions(entry.video.id)
        truths = benchmark.truths(entry.video.id)
        wordings = {question.key: question.text for question in benchmark.questions(entry.video.id)}
        for key, question in wordings.items():
            answer, room = predictions.get(key), left[key.task]
            if answer is None or answer.error is not None or room == 0:
                continue
            left[key.task] = None if room is None else room - 1
            reference = truths[key].text
            yield JudgeInput(
                key, question, marks.modern(reference) if load_task(key.task).grounds else reference, answer.text
            )
