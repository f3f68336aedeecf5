"""What can be said of the answers in one dialogue beside each other: the same object found again, words said again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

from sama_bench.metrics.boundary import boundary_f
from sama_bench.metrics.iou import jaccard, volume_iou
from sama_bench.metrics.rle import Track

FOUND = 0.5
"""The IoU from which on an object counts as found, as in F1 by IoU."""
WORDS = 4
"""The length of the word sequences that are compared."""


class Sighting(NamedTuple):
    """A round in which an object was to be pointed at.

    `track` is the predicted track that the assignment gives it, or one that is left over; None where there is none.
    `iou` is its volume IoU with the object in [0, 1] (0 where there is none), `resembles` which of the video's objects
    it matches best, None where none. `jf` is the track's J&F with the object in [0, 1] (0 where the assignment gives it
    none). `round` names the round, and `place` the track among those of its answer, for who shows them.
    """

    thing: str
    track: Track | None
    iou: float
    resembles: str | None
    jf: float = 0.0
    round: object = None
    place: int | None = None


@dataclass(frozen=True)
class ThingsAgain:
    """The objects of one video that more than one round is about.

    `in_all`, `in_some`, `in_none` count them by the rounds in which they were found. The others have a value for each
    pair of rounds, in [0, 1], or for each sighting: `agreements` the volume IoU of the tracks, where both were found,
    `jf_agreements` their J&F; `switches` whether the tracks resemble two different objects, where both resemble any;
    `accuracies` the IoU with the truth of each sighting, `jf_accuracies` its J&F.
    """

    in_all: int = 0
    in_some: int = 0
    in_none: int = 0
    agreements: list[float] = field(default_factory=list)
    jf_agreements: list[float] = field(default_factory=list)
    switches: list[bool] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    jf_accuracies: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        """The number of objects."""
        return self.in_all + self.in_some + self.in_none


def things_again(sightings: Sequence[Sighting]) -> ThingsAgain:
    """Compare the sightings of each object of one video, in the order of the rounds; one seen once counts for nothing.

    Tracks have one COCO RLE or None per frame, all of one length and size. No sighting gives zeros and empty lists.
    Raises RLEError where a mask is not valid, or lengths or sizes differ.
    """
    by_thing: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        by_thing.setdefault(sighting.thing, []).append(sighting)
    recurring = [some for some in by_thing.values() if len(some) > 1]
    hits = [[sighting.iou >= FOUND for sighting in some] for some in recurring]
    again = ThingsAgain(
        in_all=sum(all(rounds_hit) for rounds_hit in hits),
        in_some=sum(any(rounds_hit) and not all(rounds_hit) for rounds_hit in hits),
        in_none=sum(not any(rounds_hit) for rounds_hit in hits),
    )
    for some in recurring:
        again.accuracies.extend(sighting.iou for sighting in some)
        again.jf_accuracies.extend(sighting.jf for sighting in some)
        for first, second in combinations(some, 2):
            if first.track is not None and second.track is not None and min(first.iou, second.iou) >= FOUND:
                again.agreements.append(volume_iou(first.track, second.track))
                again.jf_agreements.append(_jf(first.track, second.track))
            if first.resembles is not None and second.resembles is not None:
                again.switches.append(first.resembles != second.resembles)
    return again


def _jf(first: Track, second: Track) -> float:
    """The mean of J and F over the frames of two tracks that overlap, the first as the truth."""
    size = next((mask["size"][0], mask["size"][1]) for mask in first if mask is not None)
    return float((jaccard(first, second, size).mean() + boundary_f(first, second, size).mean()) / 2)


def repetitions(answers: Sequence[str]) -> list[bool | None]:
    """Whether more than half of an answer's sequences of four words stand in one of the answers before it.

    `answers` are the plain texts of one dialogue, in order. None for an answer of fewer than four words, and for those
    that have no answer of four words before them. Case counts for nothing.
    """
    seen: list[set[tuple[str, ...]]] = []
    repeated: list[bool | None] = []
    for answer in answers:
        words = answer.lower().split()
        grams = {tuple(words[place : place + WORDS]) for place in range(len(words) - WORDS + 1)}
        if not grams or not seen:
            repeated.append(None)
        else:
            repeated.append(any(len(grams & before) > len(grams) / 2 for before in seen))
        if grams:
            seen.append(grams)
    return repeated


def slope(points: Sequence[tuple[float, float]]) -> float | None:
    """The least-squares slope of y over x of the points (x, y); None where all x are the same, or there is none."""
    if len({x for x, _ in points}) < 2:
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
