"""One pass over requests: an event loop in a thread, and a queue to who asked."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sama_bench.errors import UserError
from sama_bench.served.limiter import Limiter
from sama_bench.served.reply import reply_of
from sama_bench.served.requests import Failure, Reply, Request
from sama_bench.served.troubles import Trouble, trouble_of, wait_before

if TYPE_CHECKING:
    from sama_bench.served.server import Server

Answered = tuple[int, Reply | Failure]
# A server that says "too many" is asked more often than one that is broken.
TRIES_TOO_MUCH = 30


class Asking:
    """One pass over requests: an event loop in a thread, and a queue to who asked."""

    def __init__(self, server: Server, requests: Iterator[Request], ahead: int) -> None:
        self._server, self._requests = server, requests
        self._drawn = 0
        self._results: queue.SimpleQueue[Answered | BaseException | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(ahead)
        self._stopped = threading.Event()
        self._ended: BaseException | None = None
        self._same: dict[str, asyncio.Future[Reply | Failure]] = {}

    def given(self) -> Iterator[Answered]:
        """What comes, as it comes; to be read in the thread that asked. Raises what ended the pass."""
        while (found := self._results.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            self._room.release()
            yield found

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
            self._limiter = Limiter(self._server.concurrency)
            workers = [asyncio.create_task(self._work()) for _ in range(self._server.concurrency)]
            watch = asyncio.create_task(self._watch(workers))
            await asyncio.gather(*workers, return_exceptions=True)
            watch.cancel()

    async def _watch(self, workers: list[asyncio.Task[None]]) -> None:
        """End what is under way when who asked goes away."""
        while not self._stopped.is_set():
            await asyncio.sleep(0.05)
        for worker in workers:
            worker.cancel()

    async def _work(self) -> None:
        try:
            while (one := await self._draw()) is not None:
                number, request = one
                self._results.put((number, await self._answer(request)))
        except Exception as problem:
            # The others finish what they have under way, as it is paid for, and draw no more.
            self._ended = self._ended or problem

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
        return None if self._stopped.is_set() else next(self._requests, None)

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
            found = await self._paid(request)
        except BaseException as problem:
            future.set_exception(problem)
            future.exception()  # who else waits for it is told; nobody may
            raise
        else:
            future.set_result(found)
            return found
        finally:
            del self._same[request.key]

    async def _paid(self, request: Request) -> Reply | Failure:
        budget, bill, cache = self._server.budget, self._server.bill, self._server.cache
        if budget is not None:
            budget.begin(request)
        try:
            found = await self._tried(request)
            if isinstance(found, Reply):
                if cache is not None:
                    cache.put(request, found)
                bill.add(found, request)
            else:
                bill.failed += 1
            return found
        finally:
            if budget is not None:
                budget.end(request)

    async def _tried(self, request: Request) -> Reply | Failure:
        tries: Counter[str] = Counter()
        while True:
            found = await self._once(request)
            if isinstance(found, Reply):
                return found
            tries[found.kind] += 1
            if found.kind == "end":
                raise UserError(f"{self._server.base_url}, model {request.model}: {found.reason}")
            if found.kind == "parameter":
                self._server.dropped.setdefault(str(found.parameter), found.reason)
                continue
            if found.kind == "failure" or tries["again"] >= self._server.tries or tries["too much"] >= TRIES_TOO_MUCH:
                return Failure(found.reason, tries.total())
            self._server.bill.retry(found.reason)
            if found.kind == "again":
                await asyncio.sleep(wait_before(tries["again"]))

    async def _once(self, request: Request) -> Reply | Trouble:
        """One try, inside the limit; a refusal for being too many holds all back."""
        entered = await self._limiter.enter()
        sent, well = self._server.sent(request), False
        try:
            reply = reply_of(await self._client.chat.completions.create(**sent))
            well = True
            return reply
        except Exception as problem:
            trouble = trouble_of(problem, frozenset(sent) - {"messages", "model"})
            if trouble.kind == "too much":
                self._limiter.too_much(entered, trouble.wait)
            return trouble
        finally:
            await self._limiter.leave(well=well)
