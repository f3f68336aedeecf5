import asyncio
from time import monotonic

import pytest

from sama_bench.llm_client.limiter import Limiter


def test_no_more_than_allowed_are_through_at_once():
    async def measured():
        limiter, inside, most = Limiter(3), 0, 0

        async def one():
            nonlocal inside, most
            await limiter.enter()
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1
            await limiter.leave(well=True)

        await asyncio.gather(*(one() for _ in range(50)))
        return most

    assert asyncio.run(measured()) == 3


def test_a_refusal_lowers_the_limit_once_for_all_that_were_under_way():
    async def measured():
        limiter = Limiter(32)
        entered = [await limiter.enter() for _ in range(32)]
        for one in entered:
            limiter.too_much(one, 0.0)
        return limiter.limit

    assert asyncio.run(measured()) == 0.8 * 32


def test_what_goes_well_raises_it_again_by_about_one_a_round():
    async def measured():
        limiter = Limiter(32)
        limiter.too_much(await limiter.enter(), 0.0)
        await limiter.leave(well=False)
        before = limiter.limit
        for _ in range(int(before)):
            await limiter.enter()
            await limiter.leave(well=True)
        return before, limiter.limit

    before, after = asyncio.run(measured())
    assert before + 0.9 < after < before + 1.1


@pytest.mark.slow
def test_the_limit_never_falls_below_one_nor_rises_above_the_most():
    async def measured():
        limiter = Limiter(2)
        for _ in range(5):
            limiter.too_much(await limiter.enter(), 0.0)
            await limiter.leave(well=False)
        least = limiter.limit
        for _ in range(20):
            await limiter.enter()
            await limiter.leave(well=True)
        return least, limiter.limit

    assert asyncio.run(measured()) == (1.0, 2)


def test_a_pause_that_the_server_asks_for_holds_all_back():
    async def measured():
        limiter = Limiter(4)
        limiter.too_much(await limiter.enter(), 0.2)
        begin = monotonic()
        await asyncio.gather(*(limiter.enter() for _ in range(1)))
        return monotonic() - begin

    assert asyncio.run(measured()) >= 0.19
