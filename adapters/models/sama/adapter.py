"""The adapter `sama`: SAMA's checkpoints on today's PyTorch and transformers, without code of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sama_bench.adapter import Abilities, Need
from sama_bench.adapters.models.sama.preparing import EXTRA, Attention, Ready, load, look
from sama_bench.adapters.shared.checkpoint import Dtype
from sama_bench.adapters.shared.ranges import positive
from sama_bench.adapters.shared.sama_prompt import unseen
from sama_bench.adapters.shared.split_batches import SplittingAdapter
from sama_bench.errors import UserError, each
from sama_bench.types import PlainQuestion, Prediction, Question, Video

if TYPE_CHECKING:
    from sama_bench.adapters.models.sama.video import OpenVideo

LONGEST = 2048
"""Tokens of an answer, at most: the released code's limit."""


class Sama(SplittingAdapter):
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
        self._asked_at_once = self.at_once
        self._every, self._seed = prompt_frames == "all", seed
        self._parts = load(ready, attention)
        if compile:
            self._parts.compile()
        self.asking = {
            "prompt_frames": prompt_frames, "max_frames": str(max_frames), "batch": str(batch), "objects": str(objects),
            "attention": attention, "dtype": ready.dtype, **({"seed": seed} if self._every else {}),
        }  # fmt: skip
        self._video: OpenVideo | None = None
        self._counts = dict.fromkeys(("unseen", "cut", "offloaded"), 0)

    def predict_all(self, questions: Sequence[Question]) -> Iterator[Prediction]:
        """Answer the questions, in order, those of one video together, `batch` at a time.

        A batch that fails, for want of memory or otherwise, is halved until it does not. Raises UserError where a frame
        cannot be read.
        """
        try:
            for _, video_questions in groupby(questions, key=lambda question: id(question.video)):
                yield from super().predict_all(list(video_questions))
        finally:
            self._close()

    def asked(self, questions: Sequence[Question]) -> list[Prediction]:
        """The answers to questions about one video, in order. Whatever goes wrong is raised."""
        import torch

        from sama_bench.adapters.models.sama.answering import answers
        from sama_bench.adapters.models.sama.prompts import turns

        with torch.inference_mode():
            video = self._opened(questions[0].video)
            dialogues = [turns(question, video.sample, every=self._every, seed=self._seed) for question in questions]
            replies = answers(self._parts, video, dialogues, LONGEST)
            grounded = [
                answer.segs if question.expects != "text" else answer.segs[:0]
                for question, answer in zip(questions, replies, strict=True)
            ]
            tracks = iter(video.tracks(self._parts.seg_vectors(torch.cat(grounded)), self._objects))
            predictions = [
                Prediction(
                    self._parts.tokenizer.decode(answer.ids).strip(), [next(tracks) for _ in segs], usage=answer.usage
                )
                for answer, segs in zip(replies, grounded, strict=True)
            ]
        self._counts["unseen"] += sum(unseen(question, video.sample) for question in questions)
        self._counts["cut"] += sum(answer.cut for answer in replies)
        return predictions

    def answer(self, question: PlainQuestion) -> str:
        """Answer in words, about images, a video or nothing that is shown.

        Lines become one. Raises ValueError for more than five images, and for images of several sizes.
        """
        import torch

        from sama_bench.adapters.models.sama import plain

        longest = min(question.max_new_tokens or LONGEST, LONGEST)
        with torch.inference_mode():
            reply = plain.answer(self._parts, question, self._max_frames, longest)
        return self._parts.bare(self._parts.tokenizer.decode(reply.ids))

    def notes(self) -> Sequence[str]:
        """What did not go as usual: regions that were not seen, answers at the limit, memory that was short."""
        counts, lines = self._counts, []
        if counts["unseen"]:
            reason = "regions are on none of the frames that SAMA looks at closely, or too small there: empty for it"
            lines.append(f"{counts['unseen']} {reason}")
        if counts["cut"]:
            lines.append(f"{counts['cut']} answers reached {LONGEST} tokens, and are cut there")
        if self.at_once < self._asked_at_once:
            lines.append(f"memory was short: batch={self._asked_at_once} went down to {self.at_once}")
        if counts["offloaded"]:
            lines.append(
                f"SAM 2's features of {counts['offloaded']} frames found no room on the GPU, and lay in main memory"
            )
        return lines

    def _opened(self, video: Video) -> OpenVideo:
        """The open video; another one is let go of first."""
        from sama_bench.adapters.models.sama.video import OpenVideo

        if self._video is None or self._video.video is not video:
            self._close()
            self._video = OpenVideo(self._parts, video, self._max_frames)
        return self._video

    def _close(self) -> None:
        if self._video is not None:
            self._counts["offloaded"] += self._video.features.counts["offloaded"]
        self._video = None


def _refuse_released(*, repo: str, reuse: str) -> None:
    """Say of arguments of the released code where they belong: `sama` was its name in runs before."""
    for name, value in (("repo", repo), ("reuse", reuse)):
        if value:
            raise UserError(
                f"{name}={value}: belongs to --model sama-released, as the model that needs SAMA's checkout is called "
                "now; --model sama runs the same checkpoints without it: leave the argument out"
            )
