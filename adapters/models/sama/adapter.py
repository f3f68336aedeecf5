"""The adapter `sama`: SAMA's checkpoints on today's PyTorch and transformers, without code of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sama_bench.adapter import Abilities, Need
from sama_bench.adapters.models.sama.grounded_adapter import GroundedAdapter
from sama_bench.adapters.models.sama.preparing import EXTRA, Attention, Ready, load, look
from sama_bench.adapters.shared.checkpoint import Dtype
from sama_bench.adapters.shared.ranges import positive
from sama_bench.adapters.shared.sama_prompt import unseen
from sama_bench.errors import UserError, each
from sama_bench.types import PlainQuestion, Question, Video

if TYPE_CHECKING:
    from sama_bench.adapters.models.sama.assembled import Assembled
    from sama_bench.adapters.models.sama.generation import Answer
    from sama_bench.adapters.models.sama.video import OpenVideo


class Sama(GroundedAdapter):
    """Asks SAMA (1B, 4B, 8B) for G and C, several questions of a video together (docs/sama.md).

    Regions are shown on the first of the frames that the model looks at closely on which they are visible, or, with
    `prompt_frames=all`, on all frames, of which one is drawn by chance, seeded by `seed` and the question. `batch`
    questions are answered together, `objects` [SEG]s followed together.

    Args:
        checkpoint: The model's id on the hub, or its folder.
        bert: The folder with the vocab.txt of bert-base-uncased; by default beside the weights, or the hub's.
        device: What it runs on: cpu, cuda, cuda:1, mps; auto takes CUDA where there is one.
        dtype: The type of its numbers; auto takes bfloat16 on CUDA, float32 elsewhere.
        prompt_frames: The frames on which a region is shown.
        max_frames: The most frames of a video that are sampled.
        seed: Any text; decides what is drawn by chance with prompt_frames=all.
        batch: How many questions are answered together.
        objects: How many [SEG]s are followed together.
        attention: The attention of the language model.
        compile: Whether PyTorch compiles what it can.
        repo: Belongs to sama-released.
        reuse: Belongs to sama-released.
    """

    summary = "SAMA's checkpoints on today's PyTorch and transformers, without their code"
    wording = "sama"
    can = Abilities(history="regions", plain=True)
    tells_needs = True
    needs = (Need("torch", EXTRA), Need("transformers", EXTRA), Need("safetensors", EXTRA), Need("tokenizers", EXTRA))
    _parts: Assembled

    def __init__(  # noqa: PLR0913 - each is a model argument
        self,
        checkpoint: str,
        *,
        bert: Path | None = None,
        device: str = "auto",
        dtype: Dtype = "auto",
        prompt_frames: Literal["first", "all"] = "first",
        max_frames: int = 32,
        seed: str = "0",
        batch: int = 8,
        objects: int = 8,
        attention: Attention = "sdpa",
        compile: bool = False,  # noqa: A002 - as the model argument is called
        repo: str = "",
        reuse: str = "",
    ) -> None:
        checks: list[Callable[[], Any]] = [
            lambda: _refuse_released(repo=repo, reuse=reuse),
            lambda: look(self.needs, checkpoint, device, dtype, bert),
            lambda: positive("max_frames", max_frames),
            lambda: positive("batch", batch),
            lambda: positive("objects", objects),
        ]
        _, ready, self._max_frames, self.at_once, self._objects = each(lambda check: check(), checks)
        assert isinstance(ready, Ready)
        self._every, self._seed = prompt_frames == "all", seed
        self._parts = load(ready, attention)
        if compile:
            self._parts.compile()
        self.asking = {
            "prompt_frames": prompt_frames, "max_frames": str(max_frames), "batch": str(batch), "objects": str(objects),
            "attention": attention, "dtype": ready.dtype, **({"seed": seed} if self._every else {}),
        }  # fmt: skip
        self._begin_counting()

    def answer(self, question: PlainQuestion) -> str:
        """Answer in words, about images, a video or nothing that is shown.

        Lines become one. Raises ValueError for more than five images, and for images of several sizes.
        """
        import torch

        from sama_bench.adapters.models.sama import plain

        longest = min(question.max_new_tokens or self.longest, self.longest)
        with torch.inference_mode():
            reply = plain.answer(self._parts, question, self._max_frames, longest)
        return self._parts.bare(self._parts.tokenizer.decode(reply.ids))

    @property
    def _why_unseen(self) -> str:
        return "regions are on none of the frames that SAMA looks at closely, or too small there: empty for it"

    def _open(self, video: Video) -> OpenVideo:
        from sama_bench.adapters.models.sama.video import OpenVideo

        return OpenVideo(self._parts, video, self._max_frames)

    def _answers(self, video: OpenVideo, questions: Sequence[Question]) -> list[Answer]:
        from sama_bench.adapters.models.sama.answering import answers
        from sama_bench.adapters.models.sama.prompts import turns

        dialogues = [turns(question, video.sample, every=self._every, seed=self._seed) for question in questions]
        return answers(self._parts, video, dialogues, self.longest)

    def _text(self, answer: Answer) -> str:
        return self._parts.tokenizer.decode(answer.ids).strip()

    def _unseen(self, video: OpenVideo, question: Question) -> int:
        return unseen(question, video.sample)


def _refuse_released(*, repo: str, reuse: str) -> None:
    """Say of arguments of the released code where they belong: `sama` was its name in runs before."""
    for name, value in (("repo", repo), ("reuse", reuse)):
        if value:
            raise UserError(
                f"{name}={value}: belongs to --model sama-released, as the model that needs SAMA's checkout is called "
                "now; --model sama runs the same checkpoints without it: leave the argument out"
            )
