"""The adapter `pixelrefer`: masks in, text out, from a checkout of its repository."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from sama_bench.adapter import Abilities, Adapter, Need
from sama_bench.adapters.models.videorefer.v2 import Second, check_rate
from sama_bench.adapters.shared import flash_attention
from sama_bench.adapters.shared.checkout import Checkout
from sama_bench.adapters.shared.checkpoint import Dtype
from sama_bench.adapters.shared.first_visible import first_seen, with_names
from sama_bench.adapters.shared.preflight import look
from sama_bench.prompting.grounding_request import without_request
from sama_bench.types import Prediction, Question, Video

URL = "https://github.com/alibaba-damo-academy/PixelRefer"
LITE = "lite"


class Model(Second):
    """PixelRefer, built as VideoRefer's second generation: another package, 32 tokens for a region, the video first."""

    number: ClassVar[str] = ""
    model_type: ClassVar[str] = "pixelrefer"
    repository: ClassVar[Checkout] = Checkout("PixelRefer", URL, ("pixelrefer",), inside="PixelRefer")
    package: ClassVar[str] = "pixelrefer"
    entry: ClassVar[str] = "mm_infer"
    rates: ClassVar[Mapping[str, float]] = {"c": 1.0, "g": 1.0}
    video_last: ClassVar[frozenset[str]] = frozenset()

    @staticmethod
    def problems(device: str, dtype: str) -> list[str]:
        """The obstacles to running it so: its vision encoder's attention is FlashAttention's."""
        return flash_attention.problems(device, dtype, "the vision encoder of PixelRefer")

    def _tokens(self) -> int:
        return int(self._model.config.mask_num)

    def _masks(self, masks: Any) -> Any:  # noqa: ANN401 - tensors of PyTorch
        return masks if len(masks) else None


class PixelRefer(Adapter):
    """Asks PixelRefer as its own scripts do, one frame a second of a folder of frames (which counts as three a second).

    A region is given as its mask on the first frame that shows it. It answers with text alone; so the benchmark's
    request for masks is left out of the questions, and the cells that need masks stay empty. PixelRefer-Lite is another
    model, which never sees the video; it is refused.

    Args:
        checkpoint: The model's id on the hub, or its folder.
        repo: The checkout of the model's code.
        fps: Frames a second that the model sees; by default 1.
        device: What it runs on: cuda, cuda:1; auto takes CUDA where there is one.
        dtype: The type of its numbers; auto takes bfloat16.
    """

    summary = "PixelRefer, from a checkout; takes masks, answers with text"
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
        others = [*Model.repository.problems(repo), *Model.problems(device, dtype)]
        if LITE in Path(checkpoint).name.lower():
            others.append(
                f"checkpoint {checkpoint}: is PixelRefer-Lite by its name, which sees crops of masks and no video, and "
                "mixes up two regions of one frame; expected PixelRefer-2B or -7B"
            )
        ready = look(self.needs, checkpoint, device, dtype, others=others, parts=Model.tower_problems)
        assert repo is not None, "look() tells that it is missing"
        Model.repository.add_to_path(repo)
        self._model = Model(ready, fps)
        self.asking = {"request": "left out", **self._model.asking}

    def open(self, video: Video) -> None:
        """Begin a video, of which frames are decoded when a question needs them."""
        self._model.open(video)

    def predict(self, question: Question) -> Prediction:
        """Answer greedily, in words alone. Raises what the model's code raises."""
        regions = first_seen(question.regions)
        text = with_names(without_request(question.text), [Model.region if region else None for region in regions])
        seen = [region for region in regions if region]
        return Prediction(self._model.answer(question.video, [text], seen, question.key.task))

    def close(self) -> None:
        """Let go of the video."""
        self._model.close()

    def notes(self) -> Sequence[str]:
        """What was changed of masks that the model could not see, where any was."""
        return self._model.notes()
