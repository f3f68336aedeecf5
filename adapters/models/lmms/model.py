"""A model of lmms-eval, made and asked as its own evaluator does it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple, TypeAlias

from sama_bench.adapters.models.lmms.log_capture import LogCapture
from sama_bench.adapters.models.lmms.model_lookup import NamedModel
from sama_bench.adapters.models.lmms.remote_code_block import no_code_of_checkpoints
from sama_bench.adapters.models.lmms.requests import SPLIT, TASK, Asking
from sama_bench.adapters.models.lmms.sizes import Size, Sizes
from sama_bench.adapters.shared.checkpoint import line
from sama_bench.errors import UserError
from sama_bench.files.temporary import temporary
from sama_bench.prompting import Prompt

Made: TypeAlias = Any
"""An object of one of lmms-eval's classes; their types are not to be had where it is absent."""
TRUST = "trust_remote_code"
GAVE_UP = "[LMMS_EVAL_REQUEST_FAILED"
"""How the answer begins that its clients of servers give when they have none."""


class ModelReply(NamedTuple):
    """A model's reply to a prompt, or the reason for none."""

    text: str
    sent: tuple[Size, ...] | None = None
    """(height, width) of each frame as the model saw it; None where nothing tells."""
    error: str | None = None


class TheirModel:
    """Asks `lmms_model` as `Asking` says of `form`, `input_form` and `length`; `log` keeps what goes wrong in it."""

    def __init__(self, lmms_model: Made, form: str, input_form: str, length: int, log: LogCapture) -> None:
        self._model, self._log, self._sizes = lmms_model, log, Sizes(lmms_model)
        self._asking = Asking(form, input_form, length, self._sizes.mark_taken)
        self.unseen = 0
        """How many questions were answered without a look at their frames."""

    def answer(self, prompts: Sequence[Prompt]) -> list[ModelReply]:
        """Answer the prompts in one call, in order, then those alone that got nothing. What goes wrong is raised."""
        replies = self._replies(prompts)
        if len(prompts) == 1:
            return replies
        return [
            self._replies([prompt])[0] if reply.error else reply for reply, prompt in zip(replies, prompts, strict=True)
        ]

    def _replies(self, prompts: Sequence[Prompt]) -> list[ModelReply]:
        from lmms_eval.api.instance import unwrap_generation_output

        self._sizes.begin()
        self._model.task_dict[TASK] = {SPLIT: list(prompts)}
        with temporary() as folder, self._log.quiet():
            outputs = self._model.generate_until(self._asking.requests(prompts, folder))
        if len(outputs) != len(prompts):
            raise RuntimeError(f"lmms-eval's model gave {len(outputs)} answers to {len(prompts)} requests")
        texts = [None if output is None else unwrap_generation_output(output)[0] for output in outputs]
        return [self._reply(text, prompt) for text, prompt in zip(texts, prompts, strict=True)]

    def _reply(self, text: object, prompt: Prompt) -> ModelReply:
        """Many classes catch what goes wrong, log it and say nothing, which is no answer then."""
        if not isinstance(text, str):
            return ModelReply("", error=f"lmms-eval's model gave {type(text).__name__} where a text was expected")
        if text.startswith(GAVE_UP):
            return ModelReply("", error=text)
        if not text.strip() and self._log.errors:
            return ModelReply("", error=f"lmms-eval's model gave no answer: {self._log.errors[-1]}")
        self.unseen += not self._sizes.seen(prompt)
        return ModelReply(text, self._sizes.of(prompt))


def make(model: NamedModel, args: Mapping[str, Any], log: LogCapture, *, trust: bool) -> Made:
    """Make an object of the model's class with `args`, as lmms-eval reads them.

    `trust` lets code run that comes with a checkpoint. Raises UserError, in one line, for whatever comes of that.
    """
    kind = model.kind(log)
    takes = list(inspect.signature(kind).parameters)
    create_args = {**args, TRUST: trust} if TRUST in takes else args
    try:
        with log.quiet(), nullcontext() if trust else no_code_of_checkpoints():
            return kind.create_from_arg_string("", create_args)
    except UserError as problem:
        raise UserError(f"{model}: {problem}") from problem
    except Exception as problem:  # of the class, and of all that it uses: they share no base
        raise UserError(_refusal(model, args, problem, takes, log)) from problem


def _refusal(
    model: NamedModel, args: Mapping[str, Any], problem: Exception, takes: Sequence[str], log: LogCapture
) -> str:
    args_text = " ".join(f"{name}={value}" for name, value in args.items())
    message = f"{model} is not made of {args_text}: {line(problem)}"
    if log.warnings:
        message = f"{message} (lmms-eval said: {list(log.warnings)[-1]})"
    if isinstance(problem, (TypeError, AssertionError)):
        message = (
            f"{message}; it takes {', '.join(parameter for parameter in takes if parameter not in {'kwargs', TRUST})}"
        )
    return message
