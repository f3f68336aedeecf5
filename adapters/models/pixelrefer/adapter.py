"""The adapter `pixelrefer`: masks in, text out, from a checkout of its repository."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sama_bench.adapter import Abilities, Adapter, Need
from sama_bench.adapters.models.pixelrefer.lite import Lite
from sama_bench.adapters.models.pixelrefer.model import Model
from sama_bench.adapters.models.videorefer.v2 import check_rate
from sama_bench.adapters.shared.checkpoint import Dtype, config_of
from sama_bench.adapters.shared.first_visible import first_seen, with_names
from sama_bench.adapters.shared.preflight import look
from sama_bench.errors import UserError
from sama_bench.prompting.grounding_request import without_request
from sama_bench.types import Prediction, Question, Video

LITE = "lite"
"""What stands in the name of a checkpoint of PixelRefer-Lite, and in the type of model that its config says."""


class PixelRefer(Adapter):
    """Asks PixelRefer as its own scripts do, one frame a second of a folder of frames (which counts as three a second).

    A region is given as its mask on the first frame that shows it. It answers with text alone; so the benchmark's
    request for masks is left out of the questions, and the cells that need masks stay empty. PixelRefer-Lite never sees
    the video: it is asked to describe one region, in its own words, and nothing else.

    Args:
        checkpoint: The model's id on the hub, or its folder.
        repo: The checkout of the model's code.
        fps: Frames a second that the model sees; by default 1. Not for PixelRefer-Lite.
        device: What it runs on: cuda, cuda:1; auto takes CUDA where there is one.
        dtype: The type of its numbers; auto takes bfloat16.
    """

    summary = "PixelRefer and PixelRefer-Lite, from a checkout; takes masks, answers with text"
    can = Abilities(masks=False)
    tells_needs = True
    needs = (Need("torch", "torch"), Need("transformers", "transformers"))

    def __init__(
        self,
        checkpoint: str,
        *,
        repo: Path | None = None,
        fps: float | None = None,
        device: str = "auto",
        dtype: Dtype = "auto",
    ) -> None:
        check_rate(fps)
        kind = Lite if is_lite(checkpoint) else Model
        others = [*kind.repository.problems(repo), *kind.problems(device, dtype)]
        if fps is not None and kind is Lite:
            others.append(f"fps={fps:g}: PixelRefer-Lite sees no video; leave it out")
        ready = look(self.needs, checkpoint, device, dtype, others=others, parts=kind.tower_problems)
        assert repo is not None, "look() tells that it is missing"
        kind.repository.add_to_path(repo)
        self._model = kind(ready, fps)
        self.can = replace(PixelRefer.can, describes_only=kind is Lite)
        self.asking = {"request": "left out", **self._model.asking}

    def open(self, video: Video) -> None:
        """Begin a video, of which frames are decoded when a question needs them."""
        self._model.open(video)

    def predict(self, question: Question) -> Prediction:
        """Answer greedily, in words alone. Raises ValueError for what Lite cannot do, and what its code raises."""
        regions = first_seen(question.regions)
        if not self.can.suits(question) or (self.can.describes_only and None in regions):
            raise ValueError(
                "PixelRefer-Lite describes one region that is visible somewhere; this question asks for more"
            )
        text = with_names(without_request(question.text), [Model.region if region else None for region in regions])
        seen = [region for region in regions if region]
        return Prediction(self._model.answer(question.video, [text], seen, question.key.task))

    def close(self) -> None:
        """Let go of the video."""
        self._model.close()

    def notes(self) -> Sequence[str]:
        """What was changed of masks that the model could not see, where any was."""
        return self._model.notes()


def is_lite(checkpoint: str) -> bool:
    """True if the config of a folder, or else the checkpoint's name, says that it is PixelRefer-Lite."""
    folder = Path(checkpoint).expanduser()
    try:
        kind = str(config_of(folder).get("model_type", ""))
    except UserError:  # whoever looks for weights tells what is wrong with it
        kind = ""
    return LITE in (kind or folder.name.lower())
