"""One pass over requests: an event loop in a thread, and a queue to who asked."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import Counter
from collections.abc import Awaitable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from sama_bench.errors import UserError
from sama_bench.llm_client.connection import through
from sama_bench.llm_client.errors import Trouble, meaning, wait_before
from sama_bench.llm_client.limiter import Limiter
from sama_bench.llm_client.requests import Failure, Reply, Request

if TYPE_CHECKING:
    from sama_bench.llm_client.server import Server

Answered = tuple[int, Reply | Failure]
Made = TypeVar("Made")
# A server that says "too many" is asked more often than one that is broken.
TRIES_TOO_MUCH = 30
# Where the first so many requests are all refused, and none is answered, it is no matter of single requests.
REFUSED_AT_FIRST = 10


class Asking:
    """One pass over requests: an event loop in a thread, and a queue to who asked."""

    def __init__(self, server: Server, requests: Iterator[Request], ahead: int) -> None:
        self._server, self._requests = server, requests
        self._drawn = 0
        self._last_reply_at = -1.0
        self._results: queue.SimpleQueue[Answered | BaseException | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(ahead)
        self._stopped = threading.Event()
        self._ended: BaseException | None = None
        self._same: dict[str, asyncio.Future[Reply | Failure]] = {}
        self._idle: set[asyncio.Task[None]] = set()
        self._refused: list[tuple[int, Failure]] = []

    def results(self) -> Iterator[Answered]:
        """Yield results as they come; to be read in the thread that asked. Raises what ended the pass."""
        while (result := self._results.get()) is not None:
            if isinstance(result, BaseException):
                raise result
            self._room.release()
            yield result

    def stop(self) -> None:
        """Let nothing more begin, and end what is under way."""
        self._stopped.set()
        self._room.release()

    def run(self) -> None:
        """Ask everything, in the thread of the requests."""
        try:
            asyncio.run(self._all())
        except BaseException as problem:
            self._ended = self._ended or problem
        self._results.put(self._ended)

    async def _all(self) -> None:
        async with self._server.client() as client:
            self._client, self._drawing = client, asyncio.Lock()
            self._limiter = Limiter(self._server.concurrency, self._server.allowed)
            workers = [asyncio.create_task(self._work()) for _ in range(self._server.concurrency)]
            watch = asyncio.create_task(self._watch(workers))
            await asyncio.gather(*workers, return_exceptions=True)
            watch.cancel()
            self._server.allowed = self._limiter.limit
            if self._ended is None:
                self._check_address()
                self._give_refused()

    async def _watch(self, workers: list[asyncio.Task[None]]) -> None:
        """End what is under way when who asked goes away."""
        while not self._stopped.is_set():
            await asyncio.sleep(0.05)
        for worker in workers:
            worker.cancel()

    async def _work(self) -> None:
        try:
            while (numbered := await self._draw()) is not None:
                number, request = numbered
                self._give(number, request, await self._answer(request))
        except Exception as problem:
            # The others finish what they have under way, as it is paid for, and neither draw nor wait any more.
            self._ended = self._ended or problem
            for worker in self._idle:
                worker.cancel()

    def _give(self, number: int, request: Request, result: Reply | Failure) -> None:
        """Hand over what came of a request; refusals are held back until the server has answered anything.

        Raises UserError where it refuses all.
        """
        if isinstance(result, Reply) and not result.cached:
            self._server.answered = True
        if not (isinstance(result, Failure) and result.refused) or self._server.answered:
            self._give_refused()
            self._results.put((number, result))
            return
        self._refused.append((number, result))
        reason = meaning(result.reason)
        if reason is None and len(self._refused) >= REFUSED_AT_FIRST:
            reason = f"the first {len(self._refused)} requests were all refused: are key, model and base_url right?"
        if reason is not None:
            raise UserError(f"{self._server.base_url}, model {request.model}: {reason} ({result.reason})")

    def _check_address(self) -> None:
        """Raise UserError where all of several requests lead nowhere: HTTP 404 is of no single prompt."""
        reasons = [failure.reason for _, failure in self._refused]
        if len(reasons) > 1 and all(reason.startswith(("HTTP 404", "HTTP 405")) for reason in reasons):
            raise UserError(f"{self._server.base_url}: the server knows no such model or address ({reasons[0]})")

    def _give_refused(self) -> None:
        """Hand over the refusals that were held back: they are those requests' own."""
        for refusal in self._refused:
            self._results.put(refusal)
        self._refused.clear()

    async def _draw(self) -> tuple[int, Request] | None:
        async with self._drawing:
            if self._ended is not None or self._stopped.is_set():
                return None
            # Drawing may make pictures: it must not hold up the answers that arrive meanwhile.
            request = await asyncio.to_thread(self._next)
            if request is None:
                return None
            self._drawn += 1
            return self._drawn - 1, request

    def _next(self) -> Request | None:
        self._room.acquire()
        request = None if self._stopped.is_set() else next(self._requests, None)
        # Its key is made here, beside the event loop: it takes a while where there are pictures.
        return request if request is not None and request.key else None

    async def _answer(self, request: Request) -> Reply | Failure:
        cache, bill = self._server.cache, self._server.bill
        known = cache.get(request) if cache is not None else None
        if known is not None:
            bill.add(known, request)
            return known
        if request.key in self._same:
            return await asyncio.shield(self._same[request.key])
        self._same[request.key] = future = asyncio.get_running_loop().create_future()
        try:
            result = await self._paid(request)
        except BaseException as problem:
            future.set_exception(problem)
            future.exception()  # who else waits for it is told; nobody may
            raise
        else:
            future.set_result(result)
            return result
        finally:
            del self._same[request.key]

    async def _paid(self, request: Request) -> Reply | Failure:
        budget, bill, cache = self._server.budget, self._server.bill, self._server.cache
        if budget is not None:
            budget.begin(request)
        try:
            result = await self._tried(request)
            if isinstance(result, Reply):
                if cache is not None:
                    cache.put(request, result)
                bill.add(result, request)
            else:
                bill.failed += 1
            return result
        finally:
            if budget is not None:
                budget.end(request)

    async def _tried(self, request: Request) -> Reply | Failure:
        tries: Counter[str] = Counter()
        began = monotonic()
        while True:
            result = await self._once(request)
            if isinstance(result, Reply):
                return result
            tries[result.kind] += 1
            if result.kind == "parameter":
                self._server.dropped.setdefault(str(result.parameter), result.reason)
                continue
            if self._last(result, tries):
                return self._given_up(request, result, tries, began)
            if self._ended is not None:
                raise self._ended  # it would wait for its turn, and nobody takes the answer
            self._server.bill.retry(result.reason)
            if result.kind != "too much":
                await self._waiting(asyncio.sleep(wait_before(_failed(tries))))

    def _last(self, trouble: Trouble, tries: Counter[str]) -> bool:
        given_up = _failed(tries) >= self._server.tries or tries["too much"] >= TRIES_TOO_MUCH
        return trouble.kind in {"end", "failure", "refused"} or given_up

    def _given_up(self, request: Request, trouble: Trouble, tries: Counter[str], began: float) -> Failure:
        """The request's failure. Raises UserError where all others would fail like it."""
        place = f"{self._server.base_url}, model {request.model}"
        if trouble.kind == "end":
            raise UserError(f"{place}: {trouble.reason}")
        if trouble.kind == "no connection" and self._last_reply_at < began:
            raise UserError(
                f"{place}: {trouble.reason} in {tries.total()} tries: is the server running, and is base_url right? "
                f"{through(self._server.base_url)}What was answered is kept; give the same command again to go on"
            )
        return Failure(trouble.reason, tries.total(), refused=trouble.kind == "refused")

    async def _once(self, request: Request) -> Reply | Trouble:
        """One try, inside the limit; a refusal for being too many holds all back."""
        entered = await self._waiting(self._limiter.enter())
        result: Reply | Trouble | None = None
        try:
            result = await self._server.once(self._client, request)
        finally:
            if isinstance(result, Trouble) and result.kind == "too much":
                self._limiter.too_much(entered, result.wait)
            await self._limiter.leave(well=isinstance(result, Reply))
        if isinstance(result, Reply) or result.kind != "no connection":
            self._last_reply_at = monotonic()
        return result

    async def _waiting(self, awaitable: Awaitable[Made]) -> Made:
        """Wait with nothing under way: what may be cancelled when the pass has ended."""
        worker = asyncio.current_task()
        assert worker is not None
        self._idle.add(worker)
        try:
            return await awaitable
        finally:
            self._idle.discard(worker)


def _failed(tries: Counter[str]) -> int:
    """The number of tries that failed by no fault of the request."""
    return tries["again"] + tries["no connection"]
