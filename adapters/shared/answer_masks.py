"""Masks of an answer, told apart from those of its question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sama_bench.metrics.grounding_marks import SEGMENT

Track = TypeVar("Track")


def of_answer(text: str, tracks: Sequence[Track], asked: int) -> list[Track]:
    """The tracks of the [SEG]s of the answer `text`, in order.

    `asked` is how many masks come before them: some models give one for each [SEG] of the question, too. Raises
    ValueError where the number is another.
    """
    wanted = text.count(SEGMENT)
    if len(tracks) == asked + wanted:
        return list(tracks[asked:])
    of_question = f" and {asked} of its question" if asked else ""
    raise ValueError(f"the model gave {len(tracks)} masks for {wanted} {SEGMENT} of its answer{of_question}")
