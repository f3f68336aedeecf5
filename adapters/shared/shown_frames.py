"""Which frames of a video the language model of Sa2VA and of Sa2VA-i sees, and where marked ones stand among them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sama_bench.prompting.frame_choice import choose

SHOWN = 5
"""Sa2VA's language model sees the first five of the pictures that it is given, SAM 2 all of them."""


@dataclass(frozen=True)
class ShownFrames:
    """`count` frames: the first ones (Sa2VA), or `spread` evenly from the first to the last (Sa2VA-i)."""

    count: int = SHOWN
    spread: bool = False

    def positions(self, length: int) -> tuple[int, ...]:
        """Where the language model looks among the pictures of a video of so many frames; all where there are fewer."""
        return choose(length, self.count, self._method)

    def places(self, length: int, marked_places: Collection[int]) -> tuple[int, ...]:
        """The frames to show at these positions, in order.

        A frame that carries marks takes the place of the nearest one that carries none; of more than `count` such
        frames the first ones are shown.
        """
        return choose(length, self.count, self._method, sorted(marked_places)[: self.count])

    @property
    def _method(self) -> str:
        return "uniform" if self.spread else "first"
