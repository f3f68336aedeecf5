"""Answers of lmms-eval's models that are none: counted, since every task takes them for wrong ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

# How the answer begins that lmms-eval's clients of servers give when they have none.
GAVE_UP = "[LMMS_EVAL_REQUEST_FAILED"
ERROR = 40  # loguru's level


class Unanswered:
    """The number of questions that got no answer while `counted` lasted, and why the first of them did not.

    Many of lmms-eval's models catch what goes wrong, log it, and answer with nothing: so an empty answer counts where
    an error was logged.
    """

    def __init__(self) -> None:
        self.count = 0
        self.first = ""
        self._logged: list[str] = []

    @contextmanager
    def counted(self, model: Any) -> Iterator[None]:  # noqa: ANN401 - of lmms-eval's
        """While the context is open, look through what `model` answers."""
        from loguru import logger

        original = model.generate_until

        def generate_until(requests: Sequence[Any], *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as its own
            answers = original(requests, *args, **options)
            if len(answers) != len(requests):
                raise ValueError(f"the model gave {len(answers)} answers to {len(requests)} questions")
            for answer in answers:
                self._look(answer)
            return answers

        number = logger.add(self._hear, level=ERROR, format="{message}")
        model.generate_until = generate_until
        try:
            yield
        finally:
            del model.generate_until
            with suppress(ValueError):  # some modules take all sinks away when they are imported
                logger.remove(number)

    def _hear(self, message: object) -> None:
        self._logged.append(" ".join(str(message).split()))

    def _look(self, answer: object) -> None:
        from lmms_eval.api.instance import unwrap_generation_output

        text = None if answer is None else unwrap_generation_output(answer)[0]
        if isinstance(text, str) and text.startswith(GAVE_UP):
            self._note(text.partition("] ")[2] or text)
        elif not isinstance(text, str):
            self._note(f"the model gave {type(text).__name__} where a text was expected")
        elif not text.strip() and self._logged:
            self._note(self._logged[0])

    def _note(self, reason: str) -> None:
        self.count += 1
        self.first = self.first or reason
