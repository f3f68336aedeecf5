"""The adapter `chat`: questions in batches, each batch split where it fails."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

from sama_bench.adapters.arguments import one_of, whole
from sama_bench.adapters.base import Abilities, BatchAdapter, Need
from sama_bench.adapters.chat.conversation import INPUTS
from sama_bench.adapters.chat.model import Answer, load
from sama_bench.adapters.checkpoint import checkpoint as looked_for
from sama_bench.errors import UserError, each
from sama_bench.prompting import Prompt, Prompting, family_of
from sama_bench.types import Prediction, Question

PIP = "sama-bench[chat]"


class Chat(BatchAdapter):
    """Asks any image-text-to-text model of transformers, greedily and in its own chat template.

    What it is asked, and how its words are read, is `sama_bench.prompting`'s.
    """

    summary = "any image-text-to-text model of transformers (Qwen-VL, InternVL-hf, …) by its id or folder"
    can = Abilities(boxes=True)
    needs = (Need("torch", PIP), Need("torchvision", PIP), Need("transformers", PIP))
    free = frozenset({"batch"})

    def __init__(  # noqa: PLR0913 - each is a model argument
        self,
        checkpoint: str,
        *,
        device: str = "auto",
        dtype: str = "auto",
        batch: str = "8",
        input: str = "images",  # noqa: A002 - as the model argument is called
        max_new_tokens: str = "1024",
        prompt: str = "",
        frames: str = "",
        size: str = "",
        referents: str = "",
        boxes: str = "",
        trust_remote_code: bool = False,
    ) -> None:
        options = {"frames": frames, "size": size, "referents": referents, "boxes": boxes}
        given = {key: value for key, value in options.items() if value}
        checks: list[Callable[[], Any]] = [
            lambda: looked_for(checkpoint, device, dtype, trust=trust_remote_code),
            lambda: whole("batch", batch),
            lambda: whole("max_new_tokens", max_new_tokens),
            lambda: one_of("input", input, INPUTS),
            # loaded again below, when the config has told the family; here its mistakes are told with the others
            lambda: Prompting.load(prompt or None, family_of(checkpoint), **given),
        ]
        found, self.at_once, self._length, form, _ = each(lambda check: check(), checks)
        family = next((one for one in map(family_of, (found.kind, checkpoint)) if one != "general"), "general")
        self._prompting = Prompting.load(prompt or None, family, **given)
        self._model = load(found, form, self._length)
        self._cut = 0
        self.can = replace(Chat.can, regions=self._prompting.takes_regions)
        self.asking = {**self._prompting.asking, "input": form}

    def predict_all(self, questions: Sequence[Question]) -> Iterator[Prediction]:
        """Answer the questions, in order, `batch` at a time.

        A batch that fails, for want of memory or otherwise, is halved until it does not; a question that fails alone
        has its error. Raises UserError where a frame cannot be read.
        """
        left = list(questions)
        while left:
            together, left = left[: self.at_once], left[self.at_once :]
            yield from self._answered(together)

    def notes(self) -> Sequence[str]:
        """How many answers were cut at `max_new_tokens`, where any was."""
        return [f"{self._cut} answers were cut at max_new_tokens={self._length}"] if self._cut else []

    def _answered(self, questions: Sequence[Question]) -> list[Prediction]:
        try:
            return self._asked(questions)
        except UserError:
            raise
        except Exception as problem:
            if len(questions) == 1:
                return [_failed(problem)]
            if _memory_is_short(problem):
                self.at_once = min(self.at_once, max(1, len(questions) // 2))
        # outside of the handler: the exception held what was in memory
        half = len(questions) // 2
        return [*self._answered(questions[:half]), *self._answered(questions[half:])]

    def _asked(self, questions: Sequence[Question]) -> list[Prediction]:
        """The answers of one batch, each said to have taken its share of the time."""
        begin = perf_counter()
        prompts = [self._prompting.prompt(question) for question in questions]
        answers = self._model.answer(prompts)
        read = [self._read(*one) for one in zip(answers, prompts, questions, strict=True)]
        self._cut += sum(answer.cut for answer in answers)
        return [replace(one, seconds=(perf_counter() - begin) / len(questions)) for one in read]

    def _read(self, answer: Answer, prompt: Prompt, question: Question) -> Prediction:
        return self._prompting.read(answer.text, prompt, question, answer.sent)


def _failed(problem: Exception) -> Prediction:
    trace = "".join(traceback.format_exception(problem))
    return Prediction("", error=f"{type(problem).__name__}: {problem}", traceback=trace)


def _memory_is_short(problem: Exception) -> bool:
    """Whether the device or the machine had no room; PyTorch has no type of its own for the latter."""
    return (
        type(problem).__name__ == "OutOfMemoryError"
        or isinstance(problem, MemoryError)
        or (isinstance(problem, RuntimeError) and "allocate memory" in str(problem))
    )
