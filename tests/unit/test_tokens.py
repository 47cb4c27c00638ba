"""One fetch for all, renewal ahead of time, and what a cancelled or failed fetch leaves."""

import asyncio

import pytest

from loyalty.errors import ErrorCode, Unavailable
from providers.deadline import deadline
from providers.http import deadline_in
from providers.tokens import Token, Tokens
from tests.unit.transport_fakes import Clock, until


class Endpoint:
    """A token endpoint: t1, t2, ... each good for `lifetime`."""

    def __init__(self, lifetime: float = 3600.0) -> None:
        self.lifetime = lifetime
        self.fetches = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None
        self.deadlines: list[float] = []

    async def fetch(self) -> Token:
        self.fetches += 1
        number = self.fetches
        self.deadlines.append(deadline())
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return Token(f"t{number}", self.lifetime)


async def test_a_token_is_fetched_once_for_all_who_wait() -> None:
    endpoint = Endpoint()
    tokens = Tokens(endpoint.fetch, clock=Clock())
    assert set(await asyncio.gather(*(tokens.current() for _ in range(50)))) == {"t1"}
    assert await tokens.current() == "t1"
    assert endpoint.fetches == 1


@pytest.mark.parametrize(("lifetime", "margin"), [(36000, 900), (3600, 360), (60, 6)])
async def test_it_is_renewed_ahead_of_its_end_without_anybody_waiting(
    lifetime: float, margin: float
) -> None:
    clock, endpoint = Clock(), Endpoint(lifetime)
    tokens = Tokens(endpoint.fetch, clock=clock)
    await tokens.current()
    clock.seconds += lifetime - margin - 0.1
    assert await tokens.current() == "t1"
    await asyncio.sleep(0)
    assert endpoint.fetches == 1
    clock.seconds += 0.2
    endpoint.gate.clear()
    assert await tokens.current() == "t1"
    await until(lambda: endpoint.fetches == 2)
    endpoint.gate.set()
    await until(lambda: tokens._running is None)
    assert await tokens.current() == "t2"


async def test_an_expired_token_is_never_given_out() -> None:
    clock, endpoint = Clock(), Endpoint(60)
    tokens = Tokens(endpoint.fetch, clock=clock)
    await tokens.current()
    clock.seconds += 60
    assert await tokens.current() == "t2"


async def test_the_lifetime_runs_from_when_it_was_asked_for() -> None:
    clock, endpoint = Clock(), Endpoint(60)
    endpoint.gate.clear()
    tokens = Tokens(endpoint.fetch, clock=clock)
    waiting = asyncio.create_task(tokens.current())
    await until(lambda: endpoint.fetches == 1)
    clock.seconds += 50
    endpoint.gate.set()
    await waiting
    clock.seconds += 10
    assert await tokens.current() == "t2"


async def test_a_failed_renewal_leaves_the_old_token_until_its_end() -> None:
    clock, endpoint = Clock(), Endpoint(60)
    tokens = Tokens(endpoint.fetch, clock=clock)
    await tokens.current()
    clock.seconds += 55
    endpoint.failure = Unavailable("down")
    assert await tokens.current() == "t1"
    await until(lambda: endpoint.fetches == 2 and tokens._running is None)
    assert await tokens.current() == "t1"
    clock.seconds += 5
    with pytest.raises(Unavailable):
        await tokens.current()


async def test_a_failure_is_told_to_all_and_not_kept() -> None:
    endpoint = Endpoint()
    endpoint.failure = Unavailable("down")
    tokens = Tokens(endpoint.fetch)
    outcomes = await asyncio.gather(*(tokens.current() for _ in range(5)), return_exceptions=True)
    assert outcomes == [endpoint.failure] * 5
    endpoint.failure = None
    assert await tokens.current() == "t2"


async def test_a_rejected_token_is_forgotten_and_a_newer_one_stays() -> None:
    endpoint = Endpoint()
    tokens = Tokens(endpoint.fetch)
    assert await tokens.current() == "t1"
    for _ in range(10):
        tokens.reject("t1")
    assert await tokens.current() == "t2"
    tokens.reject("t1")
    assert await tokens.current() == "t2"
    assert endpoint.fetches == 2


async def test_a_waiter_that_is_cancelled_takes_the_token_from_nobody() -> None:
    endpoint = Endpoint()
    endpoint.gate.clear()
    tokens = Tokens(endpoint.fetch)
    waiters = [asyncio.create_task(tokens.current()) for _ in range(3)]
    await until(lambda: endpoint.fetches == 1)
    waiters[0].cancel()
    waiters[1].cancel()
    await asyncio.gather(*waiters[:2], return_exceptions=True)
    endpoint.gate.set()
    assert await waiters[2] == "t1"
    assert endpoint.fetches == 1


async def test_a_fetch_goes_on_when_all_who_waited_are_gone() -> None:
    endpoint = Endpoint()
    endpoint.gate.clear()
    tokens = Tokens(endpoint.fetch)
    waiter = asyncio.create_task(tokens.current())
    await until(lambda: endpoint.fetches == 1)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    endpoint.gate.set()
    assert await tokens.current() == "t1"
    assert endpoint.fetches == 1


async def test_the_deadline_of_one_request_binds_its_wait_and_not_the_fetch() -> None:
    endpoint = Endpoint()
    endpoint.gate.clear()
    tokens = Tokens(endpoint.fetch, program="syw")
    with deadline_in(0.02), pytest.raises(Unavailable) as caught:
        await tokens.current()
    assert (caught.value.code, caught.value.program) == (ErrorCode.PROVIDER_TIMEOUT, "syw")
    assert endpoint.deadlines == [float("inf")]
    endpoint.gate.set()
    assert await tokens.current() == "t1"
    assert endpoint.fetches == 1


def test_a_token_is_not_printed() -> None:
    assert "s3cret" not in repr(Token("s3cret", 60))
