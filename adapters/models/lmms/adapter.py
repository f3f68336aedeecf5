"""The adapter `lmms`: any model of lmms-eval, asked as `chat` asks its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from sama_bench.adapter import Abilities, ModelFamily
from sama_bench.adapters.models.lmms.log_capture import LogCapture
from sama_bench.adapters.models.lmms.model import ModelReply, TheirModel, make
from sama_bench.adapters.models.lmms.model_args import parse
from sama_bench.adapters.models.lmms.model_lookup import NEED, NamedModel, find_model
from sama_bench.adapters.shared.conversation import Form
from sama_bench.adapters.shared.prompting_options import Boxes, Referents, Size, given_options
from sama_bench.adapters.shared.ranges import positive
from sama_bench.adapters.shared.split_batches import SplittingAdapter
from sama_bench.errors import UserError, each
from sama_bench.prompting import Prompt, Prompting, family_of
from sama_bench.types import Prediction, Question

OURS = ("batch", "input", "max_new_tokens", "prompt", "frames", "size", "referents", "boxes")
WEIGHTS = ("pretrained", "model", "model_version")
"""Arguments with which lmms-eval's classes are told which weights, or which served model, they are."""


class Lmms(SplittingAdapter, ModelFamily):
    """Asks a model of lmms-eval: `of` gives the class that stands for one, which is an adapter.

    What it is asked, and how its words are read, is `sama_bench.prompting`'s. Arguments that are not named here are
    the model's own.

    Args:
        batch: How many questions are asked together.
        input: How frames are handed over, where the model takes either.
        max_new_tokens: The most tokens of an answer.
        prompt: A prompt template by its name, or a file (docs/prompting.md); by default the family's.
        frames: How many frames are shown; by default as many as the template says.
        size: The longer side of a frame in pixels, or full.
        referents: How the regions of a question are told.
        boxes: How boxes are written; by default as the family was trained.
        theirs: Arguments of lmms-eval's own class.
    """

    summary = "any model of lmms-eval by its name there (to list them: lmms-eval models), with that model's arguments"
    can = Abilities(boxes=True)
    needs = (NEED,)
    model: ClassVar[NamedModel | None] = None

    @classmethod
    def of(cls, name: str) -> type[Lmms]:
        """The adapter that is lmms-eval's model `name`; raises MissingExtra and UserError as `named` does."""
        return type(f"Lmms_{name}", (cls,), {"model": find_model(name)})

    def __init__(  # noqa: PLR0913 - each is a model argument
        self,
        *,
        batch: int = 1,
        input: Form = "images",  # noqa: A002 - as the model argument is called
        max_new_tokens: int = 1024,
        prompt: str | None = None,
        frames: int | None = None,
        size: Size | None = None,
        referents: Referents | None = None,
        boxes: Boxes | None = None,
        trust_remote_code: bool = False,
        **lmms_args: str,
    ) -> None:
        if self.model is None:
            raise UserError("which of lmms-eval's models? expected --model lmms:NAME; to list them: lmms-eval models")
        options = given_options(frames, size, referents, boxes)
        checks: list[Callable[[], Any]] = [
            lambda: positive("batch", batch),
            lambda: positive("max_new_tokens", max_new_tokens),
            lambda: parse(lmms_args, OURS),
            # loaded again below, when the model has told the family; here its mistakes are told with the others
            lambda: Prompting.load(prompt or None, "general", **options),
        ]
        self._log = LogCapture()
        with self._log.quiet():  # lmms-eval is imported
            self.at_once, length, read_args, _ = each(lambda check: check(), checks)
        lmms_model = make(self.model, {"batch_size": self.at_once, **read_args}, self._log, trust=trust_remote_code)
        self.lmms_eval_model = lmms_model
        """lmms-eval's own object, which its evaluator can be given as it is (`sama-bench general`)."""
        self._prompting = Prompting.load(prompt or None, _family(lmms_model, read_args, self.model), **options)
        self._model = TheirModel(lmms_model, self.model.form, input, length, self._log)
        self._prompting = replace(self._prompting, film=input == "video")
        self.can = replace(Lmms.can, regions=self._prompting.takes_regions)
        self.gives, self.wording = self._prompting.gives, self._prompting.template.wording
        labelling = self._prompting.labelling if (self.model.form, input) == ("chat", "images") else {}
        self.asking = {**self._prompting.asking, "input": input, **labelling, "lmms_eval": self.model.asking}

    def asked(self, questions: Sequence[Question]) -> list[Prediction]:
        """The answers to one batch, in order. Whatever goes wrong in it is raised."""
        prompts = [self._prompting.prompt(question) for question in questions]
        replies = self._model.answer(prompts)
        return [self._read(*answer_parts) for answer_parts in zip(replies, prompts, questions, strict=True)]

    def notes(self) -> Sequence[str]:
        """lmms-eval's warnings, and the number of questions that were answered without a look at their frames."""
        unseen = self._model.unseen
        blind = [f"{self.model} answered {unseen} questions without taking their frames"] if unseen else []
        return [*blind, *self._log.notes()]

    def _read(self, reply: ModelReply, prompt: Prompt, question: Question) -> Prediction:
        if reply.error is not None:
            return Prediction("", error=reply.error)
        return self._prompting.read(reply.text, prompt, question, reply.sent)


def _family(lmms_model: Any, args: Mapping[str, Any], model: NamedModel) -> str:  # noqa: ANN401 - an object of lmms-eval's
    """The family that its config, the name of its weights or its own tells; `general` where none does."""
    hints: Iterable[object] = (
        getattr(getattr(lmms_model, "config", None), "model_type", ""),
        *(args.get(name, "") for name in WEIGHTS),
        model.model_id,
    )
    return next((family for family in map(family_of, map(str, hints)) if family != "general"), "general")
