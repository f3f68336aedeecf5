"""Prompts as the requests that lmms-eval's evaluator makes of a task's documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sama_bench.adapters.shared.conversation import messages
from sama_bench.adapters.shared.film import film
from sama_bench.prompting import Prompt

TASK, SPLIT = "sama_bench", "test"


@dataclass(frozen=True)
class Asking:
    """The form of a model's requests.

    `form` is the class's (simple, chat), `input` what it is shown (images, video), `length` the most tokens of an
    answer. `mark_taken` is called with each prompt when the model takes its frames, in the model's order.
    """

    form: str
    input: str
    length: int
    mark_taken: Callable[[Prompt], None]

    def requests(self, prompts: Sequence[Prompt], folder: Path) -> list[Any]:
        """One `generate_until` Instance for each prompt; its document is the prompt, by its place in `prompts`.

        Videos are written to `folder` as they are taken. Each request has a copy of its own of everything: models
        change what they are given.
        """
        from lmms_eval.api.instance import Instance

        instances = []
        for place, prompt in enumerate(prompts):
            metadata = {"task": TASK, "doc_id": place, "repeats": 1, "split": SPLIT}
            arguments = self._arguments(prompt, place, folder / f"{place}.avi")
            instances.append(Instance(request_type="generate_until", arguments=arguments, idx=0, metadata=metadata))
        return instances

    def _arguments(self, prompt: Prompt, place: int, path: Path) -> tuple[Any, ...]:
        words = f"{prompt.system}\n\n{prompt.text}" if prompt.system else prompt.text
        generation = {"until": [], "max_new_tokens": self.length, "temperature": 0, "do_sample": False}

        def visuals(_: Prompt) -> list[Any]:
            return self._pictures(prompt, path)

        def conversation(_: Prompt) -> list[dict[str, Any]]:
            return self._messages(prompt, path)

        if self.form == "chat":
            return (words, conversation, generation, place, TASK, SPLIT)
        return (words, generation, visuals, place, TASK, SPLIT)

    def _pictures(self, prompt: Prompt, path: Path) -> list[Any]:
        """The frames as PIL images, or the path of their video."""
        from PIL import Image

        self.mark_taken(prompt)
        if self.input == "video":
            return [str(film(prompt, path))]
        return [Image.fromarray(frame) for frame in prompt.frames]

    def _messages(self, prompt: Prompt, path: Path) -> list[dict[str, Any]]:
        """The messages of `chat`, with the pictures in their places; a system's words come before the user's."""
        chat = messages(prompt, self.input, system=False)
        left = iter(self._pictures(prompt, path))
        for message in chat:
            for part in message["content"]:
                if part["type"] != "text":
                    part["url"] = next(left)
        return chat
