"""Asking a judge: each question until its reply can be read, at most three times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sama_bench.judge.judge_config import TRIES, JudgeConfig
from sama_bench.judge.judge_input import JudgeInput
from sama_bench.judge.reply_parser import Unreadable, read, unscored
from sama_bench.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from sama_bench.llm_client import Failure, Reply, Request, Server

LONGEST = "length"  # what a server calls the end of a reply that had no room
CUT = {LONGEST, "too long"}


class Sample(NamedTuple):
    """One sample of one question."""

    case: JudgeInput
    sample: int


class Outcome(NamedTuple):
    """The outcome for a sample: a verdict, or the server's failure; only a verdict is worth keeping."""

    sample: Sample
    result: Verdict | Failure


def ask(config: JudgeConfig, server: Server, samples: Sequence[Sample]) -> Iterator[Outcome]:
    """Ask for every one of `samples`, and give what came of each as it comes.

    What cannot be read is asked again when all others are through; after three replies it is unscored. Raises
    `BudgetSpent` as the server does; what was given before is paid for.
    """
    for attempt in range(TRIES):
        unread: list[Sample] = []
        for sample, result in _round(config, server, samples, attempt):
            if isinstance(result, Verdict) and result.score is None and attempt + 1 < TRIES:
                unread.append(sample)
            else:
                yield Outcome(sample, result)
        samples = unread
        if not samples:
            return


def _round(config: JudgeConfig, server: Server, samples: Sequence[Sample], attempt: int) -> Iterator[Outcome]:
    from sama_bench.llm_client import Reply

    sent: list[Sample] = []

    def requests() -> Iterator[Request]:
        for sample in samples:
            sent.append(sample)
            yield config.request(sample.case, sample.sample, attempt)

    for number, answer in server.ask_all(requests()):
        sample = sent[number]
        yield Outcome(sample, verdict(config, sample.case, answer, attempt) if isinstance(answer, Reply) else answer)


def verdict(config: JudgeConfig, case: JudgeInput, reply: Reply, attempt: int = 0) -> Verdict:
    """The verdict that a reply gives on the case; unscored where it cannot be read, with why."""
    from dataclasses import replace

    tries = attempt + 1
    if reply.refusal:
        return unscored("the judge refused", reply.refusal, reply.model, tries)
    try:
        parsed = read(
            reply.text, config.template, config.template.shown_texts(case)["candidate"], cut=reply.finish in CUT
        )
    except Unreadable as problem:
        short = f" (it was cut at {config.template.head.max_tokens} tokens)" if reply.finish == LONGEST else ""
        return unscored(f"{problem}{short}", reply.text, reply.model, tries)
    return replace(parsed, model=reply.model, tries=tries)
