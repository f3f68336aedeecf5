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


def marked(question: Question, way: Way, choose: Callable[[Collection[int]], Sequence[int]]) -> Marked:
    """Mark each region on the first frame that shows it, as `way` says.

    `choose` names the places of the frames that the language model sees, given those that carry marks. A region whose
    frame is not among them is told as one that is not visible. Raises ValueError for regions where `way` is `none`.
    """
    region_marks = marks.marks_of(question)
    if region_marks and way == "none":
        raise ValueError("this question has regions, and marks=none says nothing of them")
    places = tuple(choose({mark.frame for mark in region_marks if mark.frame is not None}))
    seen_marks = [mark if mark.frame in places else mark._replace(frame=None) for mark in region_marks]
    marked_frames = sorted({mark.frame for mark in seen_marks if mark.frame is not None})
    text = marks.in_words(question.text, [marks.name(mark, way) for mark in seen_marks])
    return Marked(
        text,
        places,
        {
            frame_index: marks.draw(question.video.frame(frame_index), seen_marks, frame_index, way)
            for frame_index in marked_frames
        },
    )
