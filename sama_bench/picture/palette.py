"""Colours of objects in a picture: one object has one colour in question, answer and truth."""

from __future__ import annotations

from collections.abc import Sequence

from sama_bench.metrics.iou import volume_iou_matrix
from sama_bench.metrics.matching import best_assignment
from sama_bench.metrics.rle import Checked, as_checked
from sama_bench.prompting.colours import RGB, is_light
from sama_bench.types import Track

# Softer than the marks that a model is shown, but in their order: red, blue, green, yellow, orange, purple, …
COLOURS: tuple[RGB, ...] = (
    (229, 72, 77), (59, 130, 246), (48, 164, 108), (245, 197, 24), (247, 128, 30), (142, 78, 198),
    (18, 184, 207), (214, 64, 159), (148, 191, 28), (247, 161, 184), (141, 110, 99), (96, 108, 129),
)  # fmt: skip


class Palette:
    """Gives tracks their colours, and remembers them."""

    def __init__(self) -> None:
        self._known: list[Checked] = []

    def take(self, tracks: Sequence[Track]) -> list[RGB]:
        """A colour for each of one text's tracks: that of the known track it overlaps most, else a new one.

        Two tracks have the same colour only where they are equal (or there are more than twelve).
        """
        checked_tracks = [as_checked(track) for track in tracks]
        distinct = [track for n, track in enumerate(checked_tracks) if track not in checked_tracks[:n]]
        pairs = dict(best_assignment(volume_iou_matrix(distinct, self._known))) if self._known else {}
        numbers = []
        for n, track in enumerate(distinct):
            numbers.append(pairs.get(n, len(self._known)))
            if n not in pairs:
                self._known.append(track)
        return [COLOURS[numbers[distinct.index(track)] % len(COLOURS)] for track in checked_tracks]


def ink_on(colour: RGB) -> RGB:
    """Black or white, whichever is read better on `colour`."""
    return (20, 22, 26) if is_light(colour) else (255, 255, 255)
