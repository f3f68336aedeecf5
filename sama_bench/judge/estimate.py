"""Estimate of what judging would take, counted before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sama_bench.judge.attempts import Sample
from sama_bench.judge.judge_config import JudgeConfig
from sama_bench.judge.session import says_nothing
from sama_bench.llm_client import usage

if TYPE_CHECKING:
    from sama_bench.llm_client import Request, ResponseCache


@dataclass(frozen=True)
class Estimate:
    """Requests that would be sent, replies that are in the cache, empty answers that nobody is asked about, tokens.

    `tokens_out` is what replies usually take, `tokens_out_at_most` what they may take.
    """

    requests: int = 0
    cached: int = 0
    empty: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_out_at_most: int = 0


def estimate(config: JudgeConfig, todo: Iterable[Sample], cache: ResponseCache | None) -> Estimate:
    """Count what `todo` would take if each reply can be read at once; tokens are those of requests to be sent."""
    requests = cached = empty = tokens = 0
    for sample in todo:
        if says_nothing(sample.case):
            empty += 1
            continue
        request = config.request(sample.case, sample.sample)
        if cache is not None and cache.get(request) is not None:
            cached += 1
            continue
        requests += 1
        tokens += tokens_of(request)
    head = config.template.head
    return Estimate(requests, cached, empty, tokens, requests * head.reply_tokens, requests * head.max_tokens)


def tokens_of(request: Request) -> int:
    """About how many tokens a request has: one for four characters, the JSON schema included."""
    schema = json.dumps(request.parameters.get("response_format", ""))
    return usage.tokens_of(request) + len(schema) // usage.CHARACTERS_A_TOKEN
