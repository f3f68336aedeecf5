"""A model of lmms-eval, made and asked as its own evaluator does it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple, TypeAlias

from sama_bench.adapters.models.lmms.log_capture import Heard
from sama_bench.adapters.models.lmms.model_lookup import Named
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


class Said(NamedTuple):
    """What a model said to a prompt, or why it said nothing."""

    text: str
    sent: tuple[Size, ...] | None = None
    """(height, width) of each frame as the model saw it; None where nothing tells."""
    error: str | None = None


class TheirModel:
    """`made` is asked as `Asking` says of `form`, `shown` and `length`; `heard` hears what goes wrong in it."""

    def __init__(self, made: Made, form: str, shown: str, length: int, heard: Heard) -> None:
        self._made, self._heard, self._sizes = made, heard, Sizes(made)
        self._asking = Asking(form, shown, length, self._sizes.shown)
        self.unseen = 0
        """How many questions were answered without a look at their frames."""

    def answer(self, prompts: Sequence[Prompt]) -> list[Said]:
        """Answer the prompts in one call, in order, then those alone that got nothing. What goes wrong is raised."""
        said = self._said(prompts)
        if len(prompts) == 1:
            return said
        return [self._said([prompt])[0] if one.error else one for one, prompt in zip(said, prompts, strict=True)]

    def _said(self, prompts: Sequence[Prompt]) -> list[Said]:
        from lmms_eval.api.instance import unwrap_generation_output

        self._sizes.begin()
        self._made.task_dict[TASK] = {SPLIT: list(prompts)}
        with temporary() as folder, self._heard.quiet():
            given = self._made.generate_until(self._asking.requests(prompts, folder))
        if len(given) != len(prompts):
            raise RuntimeError(f"lmms-eval's model gave {len(given)} answers to {len(prompts)} requests")
        texts = [None if one is None else unwrap_generation_output(one)[0] for one in given]
        return [self._one(text, prompt) for text, prompt in zip(texts, prompts, strict=True)]

    def _one(self, text: object, prompt: Prompt) -> Said:
        """Many classes catch what goes wrong, log it and say nothing, which is no answer then."""
        if not isinstance(text, str):
            return Said("", error=f"lmms-eval's model gave {type(text).__name__} where a text was expected")
        if text.startswith(GAVE_UP):
            return Said("", error=text)
        if not text.strip() and self._heard.errors:
            return Said("", error=f"lmms-eval's model gave no answer: {self._heard.errors[-1]}")
        self.unseen += not self._sizes.seen(prompt)
        return Said(text, self._sizes.of(prompt))


def make(model: Named, args: Mapping[str, Any], heard: Heard, *, trust: bool) -> Made:
    """Make an object of the model's class with `args`, as lmms-eval reads them.

    `trust` lets code run that comes with a checkpoint. Raises UserError, in one line, for whatever comes of that.
    """
    kind = model.kind(heard)
    takes = list(inspect.signature(kind).parameters)
    own = {**args, TRUST: trust} if TRUST in takes else args
    try:
        with heard.quiet(), nullcontext() if trust else no_code_of_checkpoints():
            return kind.create_from_arg_string("", own)
    except UserError as problem:
        raise UserError(f"{model}: {problem}") from problem
    except Exception as problem:  # of the class, and of all that it uses: they share no base
        raise UserError(_refusal(model, args, problem, takes, heard)) from problem


def _refusal(model: Named, args: Mapping[str, Any], problem: Exception, takes: Sequence[str], heard: Heard) -> str:
    given = " ".join(f"{name}={value}" for name, value in args.items())
    told = f"{model} is not made of {given}: {line(problem)}"
    if heard.warnings:
        told = f"{told} (lmms-eval said: {list(heard.warnings)[-1]})"
    if isinstance(problem, (TypeError, AssertionError)):
        told = f"{told}; it takes {', '.join(one for one in takes if one not in {'kwargs', TRUST})}"
    return told
