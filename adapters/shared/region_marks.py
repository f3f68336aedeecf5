"""Regions drawn on the frames that a language model sees and put into words, for models that take none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from sama_bench.frames import Frame
from sama_bench.prompting import marks
from sama_bench.types import Question

Way: TypeAlias = Literal["outline", "box", "number", "none"]


class Marked(NamedTuple):
    """A question without regions: its words, the places of the frames to see, and those of them that carry marks."""

    text: str
    places: tuple[int, ...]
    frames: Mapping[int, Frame]


def marked(question: Question, how: Way, choose: Callable[[Collection[int]], Sequence[int]]) -> Marked:
    """Mark each region on the first frame that shows it, as `how` says.

    `choose` names the places of the frames that the language model sees, given those that carry marks. A region whose
    frame is not among them is told as one that is not visible. Raises ValueError for regions where `how` is `none`.
    """
    found = marks.marks_of(question)
    if found and how == "none":
        raise ValueError("this question has regions, and marks=none says nothing of them")
    places = tuple(choose({mark.frame for mark in found if mark.frame is not None}))
    seen = [mark if mark.frame in places else mark._replace(frame=None) for mark in found]
    drawn = sorted({mark.frame for mark in seen if mark.frame is not None})
    text = marks.in_words(question.text, [marks.name(mark, how) for mark in seen])
    return Marked(text, places, {at: marks.draw(question.video.frame(at), seen, at, how) for at in drawn})
