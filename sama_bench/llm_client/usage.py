"""Counts of a server's requests, and their cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sama_bench.errors import UserError
from sama_bench.llm_client.prices import Prices
from sama_bench.llm_client.requests import Reply, Request

CHARACTERS_A_TOKEN = 4
TOKENS_AN_IMAGE = 1500
TOKENS_OUT = 1024


class BudgetSpent(UserError):
    """The next request might cost more than the budget has left; what was answered is kept."""


@dataclass
class Bill:
    """Requests sent (and answered), answers from the cache, tries that were repeated, failures, tokens.

    `tokens_cached` are those of `tokens_in` that the server had kept from earlier prompts; what they cost less is in no
    price, so that `usd` is the most that it came to. `usd` is None as soon as a token has no known price. Where a
    server tells no tokens they are estimated: `estimated` counts such answers.
    """

    prices: Prices
    requests: int = 0
    cached: int = 0
    retried: int = 0
    failed: int = 0
    estimated: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    usd: float | None = 0.0
    retries: Counter[str] = field(default_factory=Counter)

    def add(self, reply: Reply, request: Request) -> None:
        """Count one answer; those from the cache cost nothing."""
        if reply.cached:
            self.cached += 1
            return
        self.requests += 1
        tokens = reply.tokens_in, reply.tokens_out
        if not any(tokens):
            self.estimated += 1
            tokens = tokens_of(request), _tokens(reply.text)
        self.tokens_in += tokens[0]
        self.tokens_out += tokens[1]
        self.tokens_cached += reply.tokens_cached or 0
        price = self.prices.of(request.model) or self.prices.of(reply.model)
        self.usd = None if price is None or self.usd is None else self.usd + price.of(*tokens)

    def retry(self, reason: str) -> None:
        """Count one try that is made again."""
        self.retried += 1
        self.retries[reason] += 1

    def lines(self) -> list[str]:
        """The bill in words: requests, what came from the cache, tokens and cost, and what had to be repeated."""
        cost = "cost unknown: the price table has no such model" if self.usd is None else f"${self.usd:.4f}"
        counts = f"{self.requests} requests answered, {self.cached} answers from the cache, {self.failed} failed"
        lines = [f"{counts}; {self.tokens_in} tokens in, {self.tokens_out} out, {cost}"]
        if self.tokens_cached:
            lines.append(
                f"{self.tokens_cached} of the tokens in had been kept by the server from earlier prompts; "
                "they are counted at the full price"
            )
        if self.estimated:
            lines.append(f"the server told no tokens for {self.estimated} answers: theirs are estimated")
        if self.retried:
            reasons = ", ".join(f"{count} x {reason}" for reason, count in self.retries.most_common(5))
            lines.append(f"{self.retried} tries repeated: {reasons}")
        return lines


class Budget:
    """Lets requests through as long as they and those under way cannot cost more than `usd` together."""

    def __init__(self, usd: float, bill: Bill) -> None:
        self._usd, self._bill = usd, bill
        self._under_way: dict[int, float] = {}

    def begin(self, request: Request) -> None:
        """Set aside what `request` may cost at most. Raises BudgetSpent, or UserError where its price is not known."""
        price = self._bill.prices.of(request.model)
        spent = self._bill.usd
        if price is None or spent is None:
            raise UserError(
                f"a budget of ${self._usd:g} cannot be kept: {request.model} has no known price; "
                "give a file with its price (see tasks/prices.yaml for the form)"
            )
        limits = (request.parameters.get(name) for name in ("max_tokens", "max_completion_tokens"))
        most = price.of(tokens_of(request), next((int(limit) for limit in limits if limit), TOKENS_OUT))
        if spent + sum(self._under_way.values()) + most > self._usd:
            raise BudgetSpent(
                f"the budget of ${self._usd:g} is spent: ${spent:.4f} for {self._bill.requests} requests, the next may "
                f"cost ${most:.4f}; what was answered is kept: to go on give the same command with what more may be "
                "spent as --budget"
            )
        self._under_way[id(request)] = most

    def end(self, request: Request) -> None:
        """The request is on the bill, or was given up."""
        self._under_way.pop(id(request), None)


def tokens_of(request: Request) -> int:
    """About how many tokens a request has: one for four characters, 1,500 for an image."""
    return sum(_tokens(message.get("content")) for message in request.messages)


def _tokens(content: object) -> int:
    if isinstance(content, str):
        return len(content) // CHARACTERS_A_TOKEN + 4
    parts: Iterable[object] = content if isinstance(content, list) else ()
    return sum(
        _tokens(part.get("text")) if part.get("type") == "text" else TOKENS_AN_IMAGE
        for part in parts
        if isinstance(part, dict)
    )
