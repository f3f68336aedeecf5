"""The adapter `chat`: questions in batches, each batch split where it fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sama_bench.adapter import Abilities, Need
from sama_bench.adapters.models.chat.model import Answer, load
from sama_bench.adapters.shared.checkpoint import Dtype
from sama_bench.adapters.shared.checkpoint import checkpoint as looked_for
from sama_bench.adapters.shared.conversation import Form
from sama_bench.adapters.shared.folder_parts import TOKENIZER, WEIGHTS
from sama_bench.adapters.shared.plain_prompt import prompt as plain_prompt
from sama_bench.adapters.shared.prompting_options import Boxes, Referents, Size, given_options
from sama_bench.adapters.shared.ranges import positive
from sama_bench.adapters.shared.split_batches import SplittingAdapter
from sama_bench.errors import each
from sama_bench.prompting import Prompt, Prompting, family_of
from sama_bench.types import PlainQuestion, Prediction, Question, Usage

PIP = "sama-bench[chat]"


class Chat(SplittingAdapter):
    """Asks any image-text-to-text model of transformers, greedily and in its own chat template.

    What it is asked, and how its words are read, is `sama_bench.prompting`'s.

    Args:
        checkpoint: The model's id on the hub, or its folder.
        device: What it runs on: cpu, cuda, cuda:1, mps; auto takes CUDA where there is one.
        dtype: The type of its numbers; auto takes bfloat16 on CUDA, float32 elsewhere.
        batch: How many questions are asked together.
        input: How frames are handed over.
        max_new_tokens: The most tokens of an answer.
        prompt: A prompt template by its name, or a file (docs/prompting.md); by default the family's.
        frames: How many frames are shown; by default as many as the template says.
        size: The longer side of a frame in pixels, or full.
        referents: How the regions of a question are told.
        boxes: How boxes are written; by default as the family was trained.
    """

    summary = "any image-text-to-text model of transformers (Qwen-VL, InternVL-hf, …) by its id or folder"
    can = Abilities(boxes=True, plain=True, history="regions")
    needs = (Need("torch", PIP), Need("torchvision", PIP), Need("transformers", PIP))
    free = frozenset({"batch"})

    def __init__(  # noqa: PLR0913 - each is a model argument
        self,
        checkpoint: str,
        *,
        device: str = "auto",
        dtype: Dtype = "auto",
        batch: int = 8,
        input: Form = "images",  # noqa: A002 - as the model argument is called
        max_new_tokens: int = 1024,
        prompt: str | None = None,
        frames: int | None = None,
        size: Size | None = None,
        referents: Referents | None = None,
        boxes: Boxes | None = None,
        trust_remote_code: bool = False,
    ) -> None:
        options = given_options(frames, size, referents, boxes)
        checks: list[Callable[[], Any]] = [
            lambda: looked_for(checkpoint, device, dtype, trust=trust_remote_code, parts=(WEIGHTS, TOKENIZER)),
            lambda: positive("batch", batch),
            lambda: positive("max_new_tokens", max_new_tokens),
            # loaded again below, when the config has told the family; here its mistakes are told with the others
            lambda: Prompting.load(prompt or None, family_of(checkpoint), **options),
        ]
        checkpoint_files, self.at_once, self._length, _ = each(lambda check: check(), checks)
        family = next(
            (name for name in map(family_of, (checkpoint_files.kind, checkpoint)) if name != "general"), "general"
        )
        self._prompting = Prompting.load(prompt or None, family, **options)
        self._model = load(checkpoint_files, input, self._length)
        self._cut = 0
        self._prompting = replace(self._prompting, film=input == "video")
        self.can = replace(Chat.can, regions=self._prompting.takes_regions)
        self.gives, self.wording = self._prompting.gives, self._prompting.template.wording
        labelling = self._prompting.labelling if input == "images" else {}
        self.asking = {**self._prompting.asking, "input": input, **labelling}

    def answer(self, question: PlainQuestion) -> str:
        """The model's words about images of any number, or a video, of which as many frames are shown as for ours."""
        prompt = plain_prompt(question, self._prompting.template.frames, self._prompting.label)
        return self._model.reply(prompt, question.max_new_tokens, film=question.video)

    def notes(self) -> Sequence[str]:
        """The number of answers that were cut at `max_new_tokens`, where any was."""
        return [f"{self._cut} answers were cut at max_new_tokens={self._length}"] if self._cut else []

    def asked(self, questions: Sequence[Question]) -> list[Prediction]:
        """The answers to one batch, in order. Whatever goes wrong in it is raised."""
        prompts = [self._prompting.prompt(question) for question in questions]
        answers = self._model.answer(prompts)
        self._cut += sum(answer.cut for answer in answers)
        return [self._read(*answer_parts) for answer_parts in zip(answers, prompts, questions, strict=True)]

    def _read(self, answer: Answer, prompt: Prompt, question: Question) -> Prediction:
        prediction = self._prompting.read(answer.text, prompt, question, answer.sent)
        return replace(prediction, usage=Usage(answer.prompt_tokens, turns_cut=0))
