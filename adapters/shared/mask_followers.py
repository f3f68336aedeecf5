"""The mask of a region on one frame, followed to the frames after it: by SAM 2, or by optical flow."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from sama_bench.adapters.shared.checkpoint import SINCE
from sama_bench.adapters.shared.checkpoint import checkpoint as looked_for
from sama_bench.types import Mask, Video

if TYPE_CHECKING:
    from sama_bench.adapters.shared.mask_session import Session
    from sama_bench.adapters.shared.optical_flow import Flow

Tracker: TypeAlias = Literal["sam2", "flow"]


class Follower(ABC):
    """Follows one mask at a time; `open` begins a video, `close` lets go of it."""

    asking: Mapping[str, str] = {}
    """The parts of a run's signature that decide its masks."""

    @abstractmethod
    def open(self, video: Video) -> None:
        """Begin a video; its frames are looked at when a mask is followed to them."""

    @abstractmethod
    def follow(self, frame: int, mask: Mask) -> Iterator[tuple[int, Mask]]:
        """Each frame from `frame` to the last with the mask there, (H, W) bool; without a pixel where it is lost."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the video."""


class FlowFollower(Follower):
    """Carries the mask on the video's optical flow; it needs no weights."""

    asking: Mapping[str, str] = {"tracker": "flow"}

    def __init__(self) -> None:
        self._flow: Flow | None = None

    def open(self, video: Video) -> None:
        """Begin a video."""
        from sama_bench.adapters.shared.optical_flow import Flow

        self._flow = Flow(video)

    def follow(self, frame: int, mask: Mask) -> Iterator[tuple[int, Mask]]:
        """Each frame from `frame` to the last with the mask there."""
        from sama_bench.adapters.shared.propagate_mask import carry

        assert self._flow is not None, "follow() before open()"
        return carry(mask, self._flow, range(frame, len(self._flow)))

    def close(self) -> None:
        """Let go of the flow."""
        self._flow = None


class Sam2Follower(Follower):
    """Follows the mask with transformers' Sam2VideoModel.

    Raises UserError where the checkpoint or the device is not to be had, or transformers is too old.
    """

    def __init__(self, checkpoint: str, device: str) -> None:
        files = looked_for(checkpoint, device, "auto", {"sam2_video", "sam2"}, since=SINCE, prefix="tracker_")
        import transformers

        self._processor = files.processor(transformers.Sam2VideoProcessor)
        self._model = files.model(transformers.Sam2VideoModel)
        self.asking = {"tracker": f"{Path(checkpoint).name}@{files.digest}", "tracker_dtype": files.dtype}
        self._session: Session | None = None

    def open(self, video: Video) -> None:
        """Begin a session; frames are encoded when a mask is followed to them, and then kept."""
        from sama_bench.adapters.shared.mask_session import Session

        self._session = Session(self._model, self._processor, video)

    def follow(self, frame: int, mask: Mask) -> Iterator[tuple[int, Mask]]:
        """Each frame from `frame` to the last with the mask there."""
        assert self._session is not None, "follow() before open()"
        return self._session.carried(frame, mask)

    def close(self) -> None:
        """Forget the video and what was made of it."""
        self._session = None


def follower(tracker: Tracker, checkpoint: str, device: str) -> Follower:
    """The follower of that name; raises UserError as it does. `checkpoint` and `device` are SAM 2's."""
    return FlowFollower() if tracker == "flow" else Sam2Follower(checkpoint, device)
