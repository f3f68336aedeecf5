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
    """What came of it: a verdict, or what the server failed with; only a verdict is worth keeping."""

    wanted: Sample
    found: Verdict | Failure


def ask(judging: JudgeConfig, server: Server, wanted: Sequence[Sample]) -> Iterator[Outcome]:
    """Ask for every one of `wanted`, and give what came of each as it comes.

    What cannot be read is asked again when all others are through; after three replies it is unscored. Raises
    `BudgetSpent` as the server does; what was given before is paid for.
    """
    for attempt in range(TRIES):
        unread: list[Sample] = []
        for one, found in _round(judging, server, wanted, attempt):
            if isinstance(found, Verdict) and found.score is None and attempt + 1 < TRIES:
                unread.append(one)
            else:
                yield Outcome(one, found)
        wanted = unread
        if not wanted:
            return


def _round(judging: JudgeConfig, server: Server, wanted: Sequence[Sample], attempt: int) -> Iterator[Outcome]:
    from sama_bench.llm_client import Reply

    sent: list[Sample] = []

    def requests() -> Iterator[Request]:
        for one in wanted:
            sent.append(one)
            yield judging.request(one.case, one.sample, attempt)

    for number, answer in server.ask_all(requests()):
        one = sent[number]
        yield Outcome(one, verdict(judging, one.case, answer, attempt) if isinstance(answer, Reply) else answer)


def verdict(judging: JudgeConfig, case: JudgeInput, reply: Reply, attempt: int = 0) -> Verdict:
    """What a reply says of the case; unscored where it cannot be read, with why."""
    from dataclasses import replace

    tries = attempt + 1
    if reply.refusal:
        return unscored("the judge refused", reply.refusal, reply.model, tries)
    try:
        found = read(reply.text, judging.template, judging.template.shown(case)["candidate"], cut=reply.finish in CUT)
    except Unreadable as problem:
        short = f" (it was cut at {judging.template.head.max_tokens} tokens)" if reply.finish == LONGEST else ""
        return unscored(f"{problem}{short}", reply.text, reply.model, tries)
    return replace(found, model=reply.model, tries=tries)
