"""The limit of requests under way at once: as many as the server allows, found out by asking."""

from __future__ import annotations

import asyncio
from math import inf
from time import monotonic

from sama_bench.llm_client.errors import wait_before

LONGEST_PAUSE = 120.0
# One refusal alone tells that a server is full; several in a row, that the limit is far too high.
LOWERED, LOWERED_AGAIN = 0.8, 0.5
# How fast the limit rises in a round, up to where the server refused last, and from there on.
RISE, PROBE = 1.0, 0.1


class Limiter:
    """Lets at most `limit` through at once: lowered when the server says that it is too much, then raised bit by bit.

    A pause that the server asks for holds all back. To be used within one event loop.
    """

    def __init__(self, most: int, limit: float | None = None) -> None:
        self._most = most
        self.limit = float(most) if limit is None else limit
        self._refused_at = inf
        self._under_way = 0
        self._until = 0.0
        self._lowered = 0.0
        self._in_a_row = 0
        self._free = asyncio.Condition()

    async def enter(self) -> float:
        """Wait for a place; gives the moment, which `too_much` wants back."""
        async with self._free:
            await self._free.wait_for(lambda: self._under_way < max(1, int(self.limit)))
            self._under_way += 1
        while (pause := self._until - monotonic()) > 0:
            await asyncio.sleep(pause)
        return monotonic()

    async def leave(self, *, well: bool) -> None:
        """Give the place back; what went well raises the limit a little."""
        async with self._free:
            self._under_way -= 1
            if well:
                self._in_a_row = 0
                step = RISE if self.limit < self._refused_at - 1 else PROBE
                self.limit = min(self._most, self.limit + step / self.limit)
            self._free.notify_all()

    def too_much(self, entered: float, pause: float | None) -> None:
        """The server refused a request that went in at `entered`, and asks for `pause` seconds (None: it does not say).

        Nothing goes in for as long. From the second refusal in a row on all wait of themselves, too, each time twice as
        long. Of all that were under way together only the first refusal counts.
        """
        if entered >= self._lowered:
            self._refused_at = self.limit
            self.limit = max(1.0, self.limit * (LOWERED_AGAIN if self._in_a_row else LOWERED))
            self._lowered = monotonic()
            self._in_a_row += 1
        own_pause = wait_before(self._in_a_row - 1) if self._in_a_row > 1 else 0.0
        self._until = max(self._until, monotonic() + min(max(own_pause, pause or 0.0), LONGEST_PAUSE))
