"""A judge's settings: model, template, temperature, seed, samples; and the requests of such a judge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sama_bench.judge.judge_input import JudgeInput
from sama_bench.judge.template import Template

if TYPE_CHECKING:
    from sama_bench.llm_client import Request

SEED = 20260301
TRIES = 3
AGAIN = "\n\nA program reads your reply: give the JSON object, and nothing before or after it."


@dataclass(frozen=True)
class JudgeConfig:
    """A judge as it was asked for. `samples` is how often each question is judged, sample n with seed + n.

    Two of the same `key` give verdicts that may stand for each other. What the server is called is no part of it.
    """

    model: str
    template: Template
    temperature: float = 0.0
    seed: int = SEED
    samples: int = 1

    @classmethod
    def of(cls, model: str, template: Template, samples: int = 1, temperature: float | None = None) -> JudgeConfig:
        """The judge with this temperature, or the template's own; else 0, and 1 for several samples."""
        if temperature is None:
            temperature = template.head.temperature
        if temperature is None:
            temperature = 0.0 if samples == 1 else 1.0
        return cls(model, template, float(temperature), samples=samples)

    @property
    def key(self) -> str:
        """16 hexadecimal digits made of all that decides a verdict but the texts and the sample's number."""
        decisive = json.dumps([self.model, self.template.digest, self.temperature, self.seed])
        return sha256(decisive.encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, object]:
        """The part that a run keeps: no address, no key."""
        return {
            "model": self.model,
            "template": self.template.label,
            "column": self.template.head.column,
            "temperature": self.temperature,
            "seed": self.seed,
            "samples": self.samples,
            "scores": dict(self.template.head.scores),
            "lower_is_better": list(self.template.head.lower_is_better),
        }

    def request(self, case: JudgeInput, sample: int = 0, attempt: int = 0) -> Request:
        """The request for one sample of one question; `attempt` counts from 0 the replies that could not be read.

        The same for the same texts. A further attempt has another seed and ends with what is wanted.
        """
        from sama_bench.llm_client import Request

        messages = self.template.messages(case)
        if attempt:
            messages[-1] = {**messages[-1], "content": messages[-1]["content"] + AGAIN}
        number = sample * TRIES + attempt
        return Request(messages, self.model, self._parameters(number), sample=number)

    def _parameters(self, number: int) -> Mapping[str, Any]:
        verdict_format = {"name": "verdict", "strict": True, "schema": self.template.schema}
        return {
            "temperature": self.temperature,
            "seed": self.seed + number,
            "max_tokens": self.template.head.max_tokens,
            "response_format": {"type": "json_schema", "json_schema": verdict_format},
        }
