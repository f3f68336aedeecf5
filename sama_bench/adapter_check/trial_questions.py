"""The questions that an adapter is tried with: few, of short videos, of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sama_bench.adapter import Abilities
from sama_bench.frames import Frame
from sama_bench.types import Question, Region, Video

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

VIDEOS = 2
# Questions of one video after the other; those of one video stand together.
Material: TypeAlias = list[list[Question]]


def material(benchmark: Benchmark, can: Abilities) -> Material:
    """Of the two shortest videos: of each task a question with no region, one, and several, where there is one.

    Only those that suit what the adapter `can` do.
    """
    videos = sorted((entry.video for entry in benchmark.entries), key=len)[:VIDEOS]
    return [_of_every_kind(benchmark.questions(video.id), can) for video in videos]


def _of_every_kind(questions: Sequence[Question], can: Abilities) -> list[Question]:
    kinds: dict[tuple[str, int], Question] = {}
    for question in questions:
        if can.suits(question):
            kinds.setdefault((question.key.task, min(len(question.regions), 2)), question)
    return list(kinds.values())


def backwards(questions_by_video: Material) -> Material:
    """The same questions from the last to the first."""
    return [questions[::-1] for questions in questions_by_video[::-1]]


def twice(questions_by_video: Material) -> Material:
    """Each question two times in a row."""
    return [[question for question in questions for _ in range(2)] for questions in questions_by_video]


def first_seen_only(question: Question) -> Question:
    """The question with regions that are empty after the frame on which they are visible first."""
    return replace(question, regions=tuple(_first_seen_only(region) for region in question.regions))


def _first_seen_only(region: Region) -> Region:
    first = next(iter(region.visible), None)
    return Region([mask if index == first else None for index, mask in enumerate(region.track)], region.size)


def on_a_copy(questions_by_video: Material) -> Material:
    """The same questions about videos that nothing else knows of."""
    return [
        _about(Video(q[0].video.id, q[0].video.source, q[0].video.size, q[0].video.frames), q)
        for q in questions_by_video
    ]


class Unreadable(Video):
    """A video of which every frame fails, and not in a way that would be the user's to mend."""

    def frame(self, index: int) -> Frame:
        """Raises OSError."""
        raise OSError(f"frame {index} cannot be read (sama-bench check-adapter makes it so)")


def unreadable(questions: Sequence[Question]) -> list[Question]:
    """The first of the questions, about a video whose frames fail."""
    video = questions[0].video
    unreadable_video = Unreadable(
        video.id, video.source, video.size, tuple(Path(f"{path}.lost") for path in video.frames)
    )
    return _about(unreadable_video, questions[:1])


def _about(video: Video, questions: Sequence[Question]) -> list[Question]:
    return [replace(question, video=video) for question in questions]
