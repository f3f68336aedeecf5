"""How many requests are under way at once: as many as the server allows, found out by asking."""

from __future__ import annotations

import asyncio
from time import monotonic

from sama_bench.served.troubles import wait_before

LONGEST_PAUSE = 120.0


class Limiter:
    """Lets at most `limit` through at once: halved when the server says that it is too much, raised by one a round.

    A pause that the server asks for holds all back. To be used within one event loop.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.limit = float(most)
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
                self.limit = min(self._most, self.limit + 1 / self.limit)
            self._free.notify_all()

    def too_much(self, entered: float, pause: float | None) -> None:
        """The server refused a request that went in at `entered`, and asks for `pause` seconds (None: it does not say).

        Nothing goes in for as long; without a word, for a time that doubles with each refusal in a row. Of all that
        were under way together only the first refusal lowers the limit.
        """
        if entered >= self._lowered:
            self.limit = max(1.0, self.limit / 2)
            self._lowered = monotonic()
            self._in_a_row += 1
        wait = wait_before(self._in_a_row) if pause is None else pause
        self._until = max(self._until, monotonic() + min(wait, LONGEST_PAUSE))
