"""A chat server, asked many things at once."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sama_bench.llm_client.address import USUAL_KEY, address, key_of
from sama_bench.llm_client.cache import ResponseCache
from sama_bench.llm_client.connection import async_client, check_environment
from sama_bench.llm_client.errors import RENAMED, Trouble, trouble_of
from sama_bench.llm_client.exchange import exchange
from sama_bench.llm_client.prices import Prices
from sama_bench.llm_client.request_loop import REFUSED_AT_FIRST, Answered, Asking
from sama_bench.llm_client.requests import Reply, Request
from sama_bench.llm_client.usage import Bill, Budget

if TYPE_CHECKING:
    import openai

TRIES = 5
# Requests drawn for each that may be under way.
AHEAD = 4


class Server:
    """A server of the OpenAI chat completions kind.

    `concurrency` is how many requests are under way at most (fewer where the server refuses so many), `timeout` seconds
    one may take in all, `tries` how often it is made. Every answer is put into `cache` before it is given. `budget` are
    US dollars that are not exceeded. The key is read from the environment and is in no message, log or file. Raises
    UserError as `address`, `key_of` and `check_environment` do.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        key_env: str = USUAL_KEY,
        concurrency: int = 16,
        timeout: float = 120.0,
        tries: int = TRIES,
        cache: ResponseCache | None = None,
        budget: float | None = None,
        prices: Prices | None = None,
    ) -> None:
        self.base_url = address(base_url)
        self.bill = Bill(prices or Prices.load())
        self.dropped: dict[str, str] = {}
        """Parameters that the server does not take, with what it said; they are sent no more."""
        self.concurrency, self.tries, self.cache = concurrency, tries, cache
        self.allowed = float(concurrency)
        """How many at once the server was last seen to take."""
        self.budget = None if budget is None else Budget(budget, self.bill)
        self.answered = False
        """Whether it has answered anything."""
        self._key, self._timeout = key_of(self.base_url, key_env), timeout
        check_environment()

    def ask_all(self, requests: Iterable[Request]) -> Iterator[Answered]:
        """Ask all and give (place in `requests`, what came) as they come; only a few are drawn ahead.

        Equal requests under way together are sent once. Raises UserError where the key, the model or the address is
        wrong or nobody is there, and BudgetSpent; all that came before was given. Closing the iterator ends what is
        under way.
        """
        asking = Asking(self, iter(requests), AHEAD * self.concurrency + REFUSED_AT_FIRST)
        thread = threading.Thread(target=asking.run, name="requests", daemon=True)
        thread.start()
        try:
            yield from asking.results()
        finally:
            asking.stop()
            thread.join()
            if self.cache is not None:
                self.cache.close()

    def client(self) -> openai.AsyncOpenAI:
        """A client of the openai package that tries once; for one event loop."""
        return async_client(self.base_url, self._key, self._timeout)

    def sent(self, request: Request) -> dict[str, Any]:
        """The request's arguments without what the server does not take."""
        parameters = {name: value for name, value in request.parameters.items() if name not in self.dropped}
        for name, other in RENAMED.items():
            if name in self.dropped and name in request.parameters and other not in self.dropped:
                parameters[other] = request.parameters[name]
        return {"messages": list(request.messages), "model": request.model, **parameters}

    async def once(self, client: openai.AsyncOpenAI, request: Request) -> Reply | Trouble:
        """Send a request once: what the server says, or what went wrong."""
        sent = self.sent(request)
        try:
            return await exchange(client, sent, self._timeout, self._key)
        except Exception as problem:
            return trouble_of(problem, frozenset(sent) - {"messages", "model"}, self._key)
