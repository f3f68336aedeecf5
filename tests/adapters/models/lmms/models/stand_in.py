"""Models of lmms-eval's interface, without weights: one of each form, and one for each way of failing."""

import warnings
from typing import ClassVar

from lmms_eval.api.instance import GenerationResult
from lmms_eval.api.model import lmms
from loguru import logger
from tqdm import tqdm

FAILED = "Error CUDA out of memory in generating"


class StandIn(lmms):
    """Keeps what it is asked; `mood` says how it answers, `fails` at which questions (by a part of their words)."""

    made: ClassVar[list] = []

    def __init__(self, pretrained="nothing", mood="", fails="", batch_size=1, trust_remote_code=True, **kwargs):
        super().__init__()
        assert kwargs == {}, f"Unexpected kwargs: {kwargs}"
        self.mood, self.fails, self.given = mood, fails, {"pretrained": pretrained, "batch_size": batch_size}
        self.given["trust_remote_code"] = trust_remote_code
        self.calls = []
        self.made.append(self)
        print("made")
        if mood == "trusting":
            from transformers import AutoConfig

            AutoConfig.from_pretrained(pretrained, trust_remote_code=True)

    def seen(self, arguments):
        """(words, frames, generation arguments) of a request, taken as the classes of this form take them."""
        words, generation, visuals, place, task, split = arguments
        return words, visuals(self.task_dict[task][split][place]), generation

    def generate_until(self, requests):
        print("asked")
        warnings.warn("as they do", stacklevel=1)
        seen = [self.seen(one.args) for one in requests]
        self.calls.append([(words, frames, dict(generation)) for words, frames, generation in seen])
        for _, _, generation in seen:
            generation.pop("until")
        return [self.answer(words) for words, _, _ in tqdm(seen, desc="Model Responding")]

    def answer(self, words):
        if self.fails and self.fails in words:
            return self.failure()
        logger.warning("this is slow")
        return GenerationResult(f'{{"answer": "It is seen.", "objects": []}} {len(words)}')

    def failure(self):
        if self.mood == "raises":
            raise ValueError("no such token")
        if self.mood == "memory":
            raise MemoryError
        if self.mood == "gives up":
            return "[LMMS_EVAL_REQUEST_FAILED after 3 retries] no route"
        if self.mood == "none":
            return None
        if self.mood == "catches":
            logger.error(FAILED)
        return ""

    def loglikelihood(self, requests): ...

    def generate_until_multi_round(self, requests): ...


class StandInChat(StandIn):
    is_simple = False

    def seen(self, arguments):
        words, messages, generation, place, task, split = arguments
        return words, messages(self.task_dict[task][split][place]), generation
