"""The adapter `sa2va`: Sa2VA's and Sa2VA-i's checkpoints on today's PyTorch and transformers, without their code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sama_bench.adapter import Abilities, Need
from sama_bench.adapters.models.sa2va.config import Inference, Sa2vaConfig
from sama_bench.adapters.models.sama.grounded_adapter import GroundedAdapter
from sama_bench.adapters.models.sama.preparing import Attention, Ready, loaded, look
from sama_bench.adapters.shared.checkpoint import Dtype
from sama_bench.adapters.shared.ranges import positive
from sama_bench.adapters.shared.region_marks import Marked, Way, marked
from sama_bench.adapters.shared.shown_frames import SHOWN, ShownFrames
from sama_bench.errors import UserError, each
from sama_bench.installation import pip_line
from sama_bench.prompting.marks import marks_of
from sama_bench.types import PlainQuestion, Question, Video

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from sama_bench.adapters.models.sa2va.assembled import Assembled
    from sama_bench.adapters.models.sa2va.video import OpenVideo
    from sama_bench.adapters.models.sama.generation import Answer

PIP = "sama-bench[sa2va]"


def _advice() -> str:
    return f"{pip_line(PIP)}; or --model sa2va-released, which runs the checkpoint's own code with an older one"


class Sa2VA(GroundedAdapter):
    """Asks Sa2VA or Sa2VA-i, InternVL variants, several questions of a video together (docs/sa2va.md).

    It takes no regions in videos. So each is marked on the first frame that shows it, and put into words; where the
    language model does not look at that frame it takes the place of the nearest frame at which it does. SAM 2 sees no
    marks. Sa2VA's language model sees the first five frames; Sa2VA-i's `frames` frames that are spread evenly.

    Args:
        checkpoint: The model's id on the hub, or its folder.
        marks: How regions are drawn; with none, questions that have regions cannot be asked.
        inference: How objects are found and followed; auto as the checkpoint's own code does it.
        frames: How many frames Sa2VA-i's language model sees; Sa2VA's sees the first five.
        device: What it runs on: cpu, cuda, cuda:1, mps; auto takes CUDA where there is one.
        dtype: The type of its numbers; auto takes bfloat16 on CUDA, float32 elsewhere.
        batch: How many questions are answered together.
        objects: How many [SEG]s are followed together.
        attention: The attention of the language model.
        compile: Whether PyTorch compiles what it can.
    """

    summary = "Sa2VA and Sa2VA-i (InternVL variants) on today's PyTorch and transformers, without their code"
    wording = "sa2va"
    can = Abilities(plain=True)
    tells_needs = True
    needs = (Need("torch", PIP), Need("transformers", PIP), Need("safetensors", PIP), Need("tokenizers", PIP))
    _parts: Assembled

    def __init__(  # noqa: PLR0913 - each is a model argument
        self,
        checkpoint: str,
        *,
        marks: Way = "outline",
        inference: Inference = "auto",
        frames: int = SHOWN,
        device: str = "auto",
        dtype: Dtype = "auto",
        batch: int = 8,
        objects: int = 8,
        attention: Attention = "sdpa",
        compile: bool = False,  # noqa: A002 - as the model argument is called
    ) -> None:
        checks: list[Callable[[], Any]] = [
            lambda: look(self.needs, checkpoint, device, dtype, kind=Sa2vaConfig, advice=_advice()),
            lambda: positive("frames", frames),
            lambda: positive("batch", batch),
            lambda: positive("objects", objects),
        ]
        ready, _, self.at_once, self._objects = each(lambda check: check(), checks)
        assert isinstance(ready, Ready)
        self._marks: Way = marks
        self._parts = _load(ready, inference, attention)
        self._shown = ShownFrames(frames, spread=True) if self._parts.corrected else _first(frames)
        if compile:
            self._parts.compile()
        self.can = replace(Sa2VA.can, regions=marks != "none")
        self.asking = {
            "marks": marks, "inference": "sa2va", "batch": str(batch), "objects": str(objects), "attention": attention,
            "dtype": ready.dtype,
        }  # fmt: skip
        if self._parts.corrected:
            self.wording = "sa2va-i"
            self.asking |= {"inference": "sa2va-i", "frames": str(frames)}
        self._begin_counting()

    def answer(self, question: PlainQuestion) -> str:
        """Answer in words, about images, or a video, of which the language model sees a few frames, evenly spread.

        Raises ValueError for more than five images, in Sa2VA-i also for images of several sizes.
        """
        import torch

        from sama_bench.adapters.models.sa2va.answering import answer_plainly

        longest = min(question.max_new_tokens or self.longest, self.longest)
        with torch.inference_mode():
            return self._text(answer_plainly(self._parts, question, self._shown, longest))

    @property
    def _why_unseen(self) -> str:
        return "regions are on other frames than the language model can be shown, and told to be not visible"

    def _open(self, video: Video) -> OpenVideo:
        from sama_bench.adapters.models.sa2va.video import OpenVideo

        return OpenVideo(self._parts, video, self._shown)

    def _answers(self, video: OpenVideo, questions: Sequence[Question]) -> list[Answer]:
        from sama_bench.adapters.models.sa2va.answering import answers

        return answers(self._parts, video, [self._marked(question) for question in questions], self.longest)

    def _marked(self, question: Question) -> Marked:
        return marked(question, self._marks, lambda places: self._shown.places(len(question.video), places))

    def _text(self, answer: Answer) -> str:
        ends = answer.ids[-1:] == (self._parts.tokenizer.eos,)
        return self._parts.bare(self._parts.tokenizer.decode(answer.ids[:-1] if ends else answer.ids))

    def _unseen(self, video: OpenVideo, question: Question) -> int:
        frames = [mark.frame for mark in marks_of(question) if mark.frame is not None]
        places = self._shown.places(len(video.video), set(frames))
        return sum(frame not in places for frame in frames)


def _load(ready: Ready, inference: Inference, attention: str) -> Assembled:
    """Load a checkpoint of Sa2VA. Raises UserError in a line for each thing that does not fit."""
    config = ready.config
    assert isinstance(config, Sa2vaConfig)

    def assembled(folder: Path, dtype: torch.dtype) -> Assembled:
        from sama_bench.adapters.models.sa2va.assembled import Assembled

        return Assembled.load(folder, config, inference, ready.device, dtype, attention)

    return loaded(ready, attention, assembled)


def _first(frames: int) -> ShownFrames:
    if frames != SHOWN:
        raise UserError(
            f"frames={frames}: Sa2VA looks at the first {SHOWN} frames; only Sa2VA-i samples frames: "
            "leave the argument out"
        )
    return ShownFrames()
