"""Masks of an answer, told apart from those of its question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sama_bench.metrics.grounding_marks import SEGMENT

Track = TypeVar("Track")


def of_answer(text: str, tracks: Sequence[Track], question_masks: int) -> list[Track]:
    """The tracks of the [SEG]s of the answer `text`, in order.

    `question_masks` masks come before them: some models give one for each [SEG] of the question, too. Raises
    ValueError where the number is another.
    """
    answer_masks = text.count(SEGMENT)
    if len(tracks) == question_masks + answer_masks:
        return list(tracks[question_masks:])
    of_question = f" and {question_masks} of its question" if question_masks else ""
    raise ValueError(f"the model gave {len(tracks)} masks for {answer_masks} {SEGMENT} of its answer{of_question}")
