"""What an answer with time stamps comes to: marked text, and a list of boxes, points and absences for each object."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from sama_bench.prompting.conventions import Convention
from sama_bench.prompting.parsed_objects import NamedObject, marked, placed
from sama_bench.prompting.timed_objects import Sighting, TimedAnswer, TimedObject
from sama_bench.types import Absence, Box, Cue, Point

NOTHING = "no box or point could be read out of the answer"
CUT = "the answer is cut off, and was read as far as it goes"


@dataclass(frozen=True)
class Shown:
    """The frames that a model was shown: their places in the video of frames (height, width), and how it counts them.

    `first` is the time stamp of the first one; each further one counts one more. `asked` is the place in the video of
    what has no time stamp.
    """

    indices: tuple[int, ...]
    first: int
    asked: int
    size: tuple[int, int]

    def place(self, time: float | None) -> int | None:
        """The number (from 0) of the shown frame at a time stamp; None where no frame was shown there."""
        if time is None:
            return self.indices.index(self.asked)
        number = math.floor(time - self.first + 0.5)
        return number if 0 <= number < len(self.indices) else None


class TimedReading(NamedTuple):
    """Marked text, a list of cues for each object, how many of them each [SEG] has, and what could not be read."""

    text: str
    cues: list[list[Cue]]
    groups: list[int]
    unread: str | None


def reading(
    answer: TimedAnswer, shown: Shown, convention: Convention, sent: tuple[int, int], *, track: bool
) -> TimedReading:
    """Make cues of what an answer says; `sent` is the (height, width) of a frame as the model saw it.

    With `track` all objects are one; else each group of the answer is one phrase with a [SEG]. An object that is left
    out at a time stamp at which the model was to name it is absent there.
    """
    places = [_placed(item, shown) for item in answer.objects]
    scale = _Scale(answer, convention, sent, _in_fractions(answer))
    absences = _absent(answer, places, len(shown.indices))
    cues: list[list[Cue]] = []
    lost = 0
    for sightings, absent in zip(places, absences, strict=True):
        read = [_cue(place, sighting, shown, scale) for place, sighting in sightings]
        usable = [cue for cue in read if cue is not None]
        cues.append([*usable, *(Absence(shown.indices[place]) for place in absent)] if usable else [])
        lost += len(read) - len(usable)
    lost += sum(len(item.sightings) for item in answer.objects) - sum(map(len, places))
    text, order = _text(answer, cues, track=track)
    kept = [cues[number] for numbers in order for number in numbers]
    return TimedReading(text, kept, [len(numbers) for numbers in order], _unread(answer, lost, any(cues)))


class _Scale(NamedTuple):
    """In which numbers an answer writes places."""

    answer: TimedAnswer
    convention: Convention
    sent: tuple[int, int]
    fractions: bool

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point as fractions of the width and the height."""
        if self.fractions:
            return x, y
        scale = self.answer.scale or self.convention.scale
        return (x / scale, y / scale) if scale else (x / self.sent[1], y / self.sent[0])


def _placed(item: TimedObject, shown: Shown) -> list[tuple[int, Sighting]]:
    """The sightings with the numbers of their shown frames, the first of each frame."""
    places: dict[int, Sighting] = {}
    for sighting in item.sightings:
        place = shown.place(sighting.time)
        if place is not None:
            places.setdefault(place, sighting)
    return sorted(places.items(), key=lambda pair: pair[0])


def _absent(answer: TimedAnswer, places: Sequence[Sequence[tuple[int, Sighting]]], length: int) -> list[list[int]]:
    """For each object the numbers of the shown frames on which the model was to name it, and did not."""
    answered = sorted({place for sightings in places for place, _ in sightings})
    if not answer.follows or not answered:
        return [[] for _ in places]
    step = min((after - before for before, after in pairwise(answered)), default=1)
    end = length if answer.ends else answered[-1]
    stamps = {*range(answered[0] % step, end, step), *(place for place in answered if place < end)}
    return [sorted(stamps - {place for place, _ in sightings}) for sightings in places]


def _cue(place: int, sighting: Sighting, shown: Shown, scale: _Scale) -> Cue | None:
    frame, (height, width) = shown.indices[place], shown.size
    if len(sighting.place) == 2:
        x, y = scale.point(*sighting.place)
        return Point(frame, x * width, y * height) if 0 <= x <= 1 and 0 <= y <= 1 else None
    box = scale.convention.read(sighting.place, scale.sent, fractions=scale.fractions)
    return None if box is None else Box(frame, box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height)


def _in_fractions(answer: TimedAnswer) -> bool:
    """True if all numbers lie in 0…1 and any is no whole number, as for boxes."""
    numbers = [number for item in answer.objects for sighting in item.sightings for number in sighting.place]
    return bool(numbers) and all(0 <= number <= 1 for number in numbers) and any(number % 1 for number in numbers)


def _text(answer: TimedAnswer, cues: Sequence[Sequence[Cue]], *, track: bool) -> tuple[str, list[list[int]]]:
    """The marked text, and for each of its [SEG] the numbers of its objects; those without a cue have none."""
    groups: dict[int, list[int]] = {}
    for number, item in enumerate(answer.objects):
        groups.setdefault(0 if track else item.group, []).append(number)
    grounded = {group: [n for n in numbers if cues[n]] for group, numbers in groups.items()}
    named = [NamedObject(answer.objects[numbers[0]].label, ((float(group),),)) for group, numbers in groups.items()]
    pieces = placed("" if track else answer.words, named)
    in_text = [int(piece.numbers[0][0]) for piece in pieces if isinstance(piece, NamedObject)]
    text = marked(pieces, [bool(grounded[group]) for group in in_text])
    return text or answer.words, [grounded[group] for group in in_text if grounded[group]]


def _unread(answer: TimedAnswer, lost: int, anything: bool) -> str | None:
    problems = []
    if not answer.ends and answer.objects:
        problems.append(CUT)
    if lost:
        count = sum(len(item.sightings) for item in answer.objects)
        problems.append(f"{lost} of {count} boxes or points are not usable (outside of the picture, or of the video)")
    if not anything and not answer.silent and not lost:
        problems.append(NOTHING)
    return "; ".join(problems) or None
