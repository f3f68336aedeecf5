"""The objects that a round's true answer points at, under names by which they are told again in other rounds."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from hashlib import sha256

from sama_bench.types import Track, Truth


def content(track: Track) -> Hashable:
    """Something that is equal for equal tracks alone."""
    return tuple(None if mask is None else (tuple(mask["size"]), mask["counts"]) for mask in track)


def _name(track: Track) -> str:
    return f"track {sha256(repr(content(track)).encode()).hexdigest()}"


def things_of(truth: Truth) -> dict[str, int]:
    """Each object that stands alone in a [SEG] of the true answer, and its place among `Truth.strict_tracks`.

    Of data without names the tracks are the names; an object that stands there twice has its first place.
    """
    names = truth.things or [_name(track) for track in truth.tracks if track is not None]
    tracks = truth.tracks if truth.things else truth.strict_tracks
    listed = [name for name, track in zip(names, tracks, strict=True) if track is not None]
    places: dict[str, int] = {}
    for place, name in enumerate(listed):
        if name:
            places.setdefault(name, place)
    return places


def recurring(truths: Iterable[Truth]) -> set[str]:
    """The objects that stand alone in a [SEG] of at least two of a dialogue's rounds."""
    things_before: set[str] = set()
    again: set[str] = set()
    for truth in truths:
        things = things_of(truth).keys()
        again |= things_before & things
        things_before |= things
    return again


def tracks_of_things(truths: Sequence[Truth]) -> dict[str, Track]:
    """The true track of each object of a dialogue."""
    return {name: truth.strict_tracks[place] for truth in truths for name, place in things_of(truth).items()}
