"""The interface of what makes mask tracks of boxes, points or phrases."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from sama_bench.adapter import Cues, Need
from sama_bench.types import Box, Masks, Point, Track, Video


class Grounder(ABC):
    """Makes tracks of what a model says of its objects: boxes or points on frames, or phrases.

    `grounder_NAME=…` of the model's arguments is `NAME=…` here, typed as an adapter's are.
    """

    summary: ClassVar[str] = ""
    needs: ClassVar[tuple[Need, ...]] = ()
    takes: ClassVar[frozenset[Cues]] = frozenset({"boxes"})
    """What it makes tracks of. A model that gives something else is refused before any question is asked."""
    asking: Mapping[str, str] = {}
    """What decides its tracks beside the boxes, for the signature, e.g. the checkpoint."""

    def open(self, video: Video) -> None:  # noqa: B027 - not every grounder has work to do once per video
        """Called before the questions of `video`; do here what the video needs once."""

    @abstractmethod
    def tracks(self, video: Video, objects: Sequence[Sequence[Box | Point]]) -> list[Masks | Track]:
        """Make one track for each object of a question, in order.

        Each object is a list of boxes or points on frames of `video`, at most one per frame and only of what it
        `takes`; an object without any gets None on every frame. Where a model said that an object is not to be seen,
        its masks are taken out afterwards, whatever the grounder is.
        """

    def phrase_tracks(self, video: Video, phrases: Sequence[str]) -> list[Masks | Track]:
        """Make one track for each phrase of an answer, in order; for grounders that take phrases.

        A phrase that nothing in the video is gets None on every frame.
        """
        raise NotImplementedError(f"{type(self).__name__} takes no phrases")

    def close(self) -> None:  # noqa: B027 - see open
        """Called after the last question of the open video."""

    def notes(self) -> Sequence[str]:
        """Lines that the run shows at its end, such as what was left out of phrases; none by default."""
        return ()
