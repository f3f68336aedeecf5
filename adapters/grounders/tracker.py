"""Grounders that are a video tracker of transformers: the model once, a session for each video."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from sama_bench.adapter import Cues
from sama_bench.adapters.shared.checkpoint import Dtype
from sama_bench.adapters.shared.checkpoint import checkpoint as looked_for
from sama_bench.grounder import Grounder
from sama_bench.types import Box, Masks, Point, Track, Video

if TYPE_CHECKING:
    from sama_bench.adapters.shared.mask_session import Session


class TrackerGrounder(Grounder):
    """Follows the object in each box, or on each point, with a tracker; a subclass says which one.

    `checkpoint` is a folder or an id of the hub. Raises UserError where it, the device or the dtype is not to be had,
    or where the installed transformers is too old.

    Args:
        checkpoint: The tracker's id on the hub, or its folder.
        device: What it runs on: cpu, cuda, cuda:1, mps; auto takes CUDA where there is one.
        dtype: The type of its numbers; auto takes bfloat16 on CUDA, float32 elsewhere.
    """

    takes: ClassVar[frozenset[Cues]] = frozenset({"boxes", "points"})
    model: ClassVar[str]
    """The class of transformers; its processor's is the same but for the end of the name."""
    since: ClassVar[tuple[int, int]]
    """The version of transformers that has it."""
    kinds: ClassVar[frozenset[str]]
    """The types of models, as config.json names them, whose checkpoints hold such a tracker."""

    def __init__(self, checkpoint: str, device: str = "auto", dtype: Dtype = "auto") -> None:
        checkpoint_files = looked_for(checkpoint, device, dtype, self.kinds, since=self.since, prefix="grounder_")
        import transformers

        self._processor = checkpoint_files.processor(getattr(transformers, self.model.replace("Model", "Processor")))
        self._model = checkpoint_files.model(getattr(transformers, self.model))
        self.asking = {
            "checkpoint": f"{Path(checkpoint).name}@{checkpoint_files.digest}",
            "dtype": checkpoint_files.dtype,
        }
        self._session: Session | None = None

    def open(self, video: Video) -> None:
        """Begin a session for `video`; its frames are encoded when questions come to them, and then kept."""
        from sama_bench.adapters.shared.mask_session import Session

        self._session = Session(self._model, self._processor, video)

    def tracks(self, video: Video, objects: Sequence[Sequence[Box | Point]]) -> list[Masks | Track]:
        """One track per object, an RLE or None for every frame; an object without a box or point has None on all."""
        assert self._session is not None, "tracks() before open()"
        tracks: list[Masks | Track] = [[None] * len(video) for _ in objects]
        boxed = [number for number, boxes in enumerate(objects) if boxes]
        for number, track in zip(boxed, self._session.tracks([objects[number] for number in boxed]), strict=True):
            tracks[number] = track
        return tracks

    def close(self) -> None:
        """Forget the video and what was made of it."""
        self._session = None
