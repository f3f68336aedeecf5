"""The adapter `dam`: describes one region of a video, and answers nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sama_bench.adapter import Abilities, Adapter
from sama_bench.adapters.models.dam.released import NEEDS, Released
from sama_bench.adapters.models.dam.served import Served
from sama_bench.adapters.models.dam.shown import FRAMES, Shown, chosen
from sama_bench.adapters.shared.checkpoint import Loaded
from sama_bench.adapters.shared.first_visible import first_seen
from sama_bench.adapters.shared.mask_followers import Follower, Tracker, follower
from sama_bench.errors import UserError, each
from sama_bench.types import Prediction, Question, Video


class Dam(Adapter):
    """Asks DAM-3B-Video for descriptions, by its released entry point or by its server (dam_server.py).

    It wants a mask on each of eight frames. It is given the region's mask on the first frame that shows it, and a
    tracker makes the others from that one, as its own demo does; no later mask of the data is looked at. Its own words
    ask for the description. By the entry point nothing is drawn by chance; a server samples as it was started.

    Args:
        checkpoint: The model's id on the hub, or its folder; not for a server.
        repo: The checkout of the model's code; not needed where its package is installed, or for a server.
        base_url: The address of its server, such as http://localhost:8000, in place of a checkpoint.
        tracker: What makes the masks of later frames.
        tracker_checkpoint: SAM 2's id on the hub, or its folder.
        device: What it runs on: cpu, cuda, cuda:1; auto takes CUDA where there is one.
        timeout: The longest, in seconds, that a request to the server may take.
    """

    summary = "DAM-3B-Video, by its code or its server; describes one region, weights for non-commercial use"
    can = Abilities(masks=False, describes_only=True)
    tells_needs = True
    needs = NEEDS
    free = frozenset({"timeout"})

    def __init__(
        self,
        checkpoint: str = "",
        *,
        repo: Path | None = None,
        base_url: str = "",
        tracker: Tracker = "sam2",
        tracker_checkpoint: str = "facebook/sam2.1-hiera-large",
        device: str = "auto",
        timeout: float = 600.0,
    ) -> None:
        if bool(checkpoint) == bool(base_url):
            raise UserError(
                f"checkpoint={checkpoint} base_url={base_url}: expected one of the two, "
                "--model-arg checkpoint=nvidia/DAM-3B-Video or --model-arg base_url=http://localhost:8000"
            )
        checks: list[Callable[[], object]] = [
            lambda: follower(tracker, tracker_checkpoint, device),
            lambda: Served(base_url, timeout) if base_url else Released(checkpoint, repo, device),
        ]
        made: Loaded = each(lambda check: check(), checks)
        self._follower: Follower = made[0]
        self._model: Released | Served = made[1]
        sampling = "the server's" if base_url else "greedy"
        self.asking = {"words": "DAM's own", "frames": str(FRAMES), "sampling": sampling, **self._follower.asking}
        self._repeated = 0

    def open(self, video: Video) -> None:
        """Begin a video; frames are decoded when a region is followed to them."""
        self._follower.open(video)

    def predict(self, question: Question) -> Prediction:
        """The description of the question's one region. Raises ValueError for other questions, and what DAM raises."""
        if not self.can.suits(question):
            raise ValueError("DAM describes one region; this question asks for something else")
        (region,) = first_seen(question.regions)
        if region is None:
            raise ValueError("the region is visible on no frame, and DAM describes what a mask shows")
        places = chosen(region, self._follower.follow(*region))
        self._repeated += len({frame for frame, _ in places}) < FRAMES
        return Prediction(self._model.describe([Shown(question.video.frame(frame), mask) for frame, mask in places]))

    def close(self) -> None:
        """Let go of the video."""
        self._follower.close()

    def notes(self) -> Sequence[str]:
        """How often it was shown a frame more than once, and what decides the sampling of a server."""
        lines = []
        if self._repeated:
            lines.append(
                f"{self._repeated} regions were followed over fewer than {FRAMES} frames: some are shown twice"
            )
        if isinstance(self._model, Served):
            lines.append("the server samples as it was started, whatever a request says: dam_server.py --temperature 0")
        return lines
