"""The interface of what makes mask tracks of boxes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from sama_bench.adapter import Need
from sama_bench.types import Box, Masks, Track, Video


class Grounder(ABC):
    """Makes tracks of boxes. `grounder_NAME=…` of the model's arguments is `NAME=…` here, typed as an adapter's are."""

    summary: ClassVar[str] = ""
    needs: ClassVar[tuple[Need, ...]] = ()
    asking: Mapping[str, str] = {}
    """What decides its tracks beside the boxes, for the signature, e.g. the checkpoint."""

    def open(self, video: Video) -> None:  # noqa: B027 - not every grounder has work to do once per video
        """Called before the questions of `video`; do here what the video needs once."""

    @abstractmethod
    def tracks(self, video: Video, objects: Sequence[Sequence[Box]]) -> list[Masks | Track]:
        """Make one track for each object of a question, in order.

        Each object is a list of boxes on frames of `video`, at most one per frame; an object without a box gets
        None on every frame.
        """

    def close(self) -> None:  # noqa: B027 - see open
        """Called after the last question of the open video."""
