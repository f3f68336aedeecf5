"""Boxes and points that a model gave, checked: what of them can be used, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from sama_bench.types import Absence, Box, Cue, Point, Video

OBJECTS = 100
"""So many objects of one answer are grounded; no question has a tenth of it, and each costs a track."""


@dataclass(frozen=True)
class UsableBoxes:
    """One list of cues for each [SEG], and why others were left out ('' where none was)."""

    objects: list[list[Cue]]
    problem: str = ""


def usable_boxes(boxes: object, segments: int, video: Video) -> UsableBoxes:
    """Take what can be used of `boxes`, which is to hold a list of cues for each of the `segments` [SEG]s.

    A cue is a box (five numbers), a point (three) or an absence (the frame alone). A box is clipped to the frame; it is
    left out where a number is not finite, nothing of it is inside, its frame is not one of the video, or its object has
    one on that frame already; so is a point that is not in the frame. A [SEG] without a list, and one after the first
    100, has no box; lists without a [SEG] are left out. Raises TypeError where `boxes` is no sequence.
    """
    lists = _box_lists(boxes)
    kept_lists, beyond = lists[: min(segments, OBJECTS)], lists[OBJECTS:segments]
    objects = [_boxes(box_list, video) for box_list in kept_lists]
    lost = sum(map(_length, kept_lists)) - sum(map(len, objects))
    problems = [
        f"{len(lists)} lists of boxes for {segments} [SEG]" if len(lists) != segments else "",
        f"boxes of more than {OBJECTS} objects" if any(map(_length, beyond)) else "",
        f"{lost} {_name(kept_lists)} that cannot be used" if lost else "",
    ]
    objects += [[] for _ in range(segments - len(objects))]
    return UsableBoxes(objects, "; ".join(filter(None, problems)))


def _box_lists(boxes: object) -> Sequence[object]:
    if isinstance(boxes, (str, bytes)) or not isinstance(boxes, Sequence):
        raise TypeError(f"boxes is {type(boxes).__name__}, expected a list of boxes for each [SEG]")
    return boxes


def _length(box_list: object) -> int:
    return len(box_list) if isinstance(box_list, Sequence) else int(box_list is not None)


def _name(lists: Sequence[object]) -> str:
    """What the cues of the objects are called: points where there are any among them."""
    cues = [value for some in lists if isinstance(some, Sequence) for value in some]
    return "points" if any(isinstance(value, Point) for value in cues) else "boxes"


def _boxes(box_list: object, video: Video) -> list[Cue]:
    """The usable cues of one object, at most one a frame: the first."""
    if isinstance(box_list, (str, bytes)) or not isinstance(box_list, Sequence):
        return []
    boxes_by_frame: dict[int, Cue] = {}
    for value in box_list:
        box = _box(value, video)
        if box is not None:
            boxes_by_frame.setdefault(box.frame, box)
    return list(boxes_by_frame.values())


def _box(value: object, video: Video) -> Cue | None:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        return None
    try:
        index, *corners = _numbers(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if len(corners) not in {0, 2, 4} or index != int(index) or not 0 <= index < len(video):
        return None
    height, width = video.size
    if not corners:
        return Absence(int(index))
    if len(corners) == 2:
        x, y = corners
        return Point(int(index), x, y) if 0 <= x <= width and 0 <= y <= height else None
    x0, y0, x1, y1 = (
        min(max(value, 0.0), float(most)) for value, most in zip(corners, (width, height) * 2, strict=True)
    )
    return Box(int(index), x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _numbers(values: Iterable[Any]) -> list[float]:
    some = list(values)
    if any(isinstance(value, (str, bytes)) for value in some):
        raise ValueError("not numbers")
    numbers = [float(value) for value in some]
    if not all(map(isfinite, numbers)):
        raise ValueError("not finite")
    return numbers
