"""An adapter that is asked as a run would ask it, and what it answered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from sama_bench.adapter import Adapter, BatchAdapter
from sama_bench.adapter_check.trial_questions import Material
from sama_bench.run.batches import answered_together
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.progress import Silence
from sama_bench.run.runner import ask_video, revealing
from sama_bench.types import Question

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

Answers: TypeAlias = list[list[StoredPrediction]]


class Trial(Silence):
    """Asks an adapter questions of the demo; `warnings` are what the runner would have told on the way."""

    def __init__(self, adapter: Adapter, benchmark: Benchmark) -> None:
        self.adapter = adapter
        self.benchmark = benchmark
        self.warnings: list[str] = []

    def warn(self, line: str) -> None:
        """Note the line."""
        self.warnings.append(line)

    def ask(self, material: Material) -> list[list[StoredPrediction]]:
        """The answers, one for each question, by the code that a run asks with."""
        videos = [questions for questions in material if questions]
        with revealing(self.benchmark, self.adapter, [questions[0].video.id for questions in videos]):
            if isinstance(self.adapter, BatchAdapter):
                answers_by_video = answered_together(self.adapter, videos, self)
                return [[answer for _, answer in answers] for _, answers in answers_by_video]
            return [
                [answer for _, answer in ask_video(self.adapter, questions[0].video, questions, self)]
                for questions in videos
            ]

    def ask_alone(self, material: Material) -> list[list[StoredPrediction]]:
        """The answers where each question is asked for itself; of use with adapters that are asked many together."""
        return [list(chain(*(self.ask([[question]])[0] for question in questions))) for questions in material]


def pairs(material: Material, answers: Answers) -> Iterator[tuple[Question, StoredPrediction]]:
    """Each question with its answer."""
    for questions, video_answers in zip(material, answers, strict=True):
        yield from zip(questions, video_answers, strict=True)
