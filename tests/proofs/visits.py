"""Visits to the servers of a house: a member, a mutation for them, and what came of it."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import httpx

from tests.proofs.crowds import numbers
from tests.proofs.errands import Errand, Scene, errand
from tests.proofs.houses import House
from tests.proofs.judge import verdict
from tests.proofs.proxy import Asked
from tests.proofs.tills import Json, Till, Told
from tests.proofs.wire_faults import RequestFault

SALE = errand("onerewards", "sale")
SETTLED = 20.0
"""Seconds until an operation should have been settled."""


@asynccontextmanager
async def till_at(running: House, server: int = 0, subject: str = "till-1") -> AsyncGenerator[Till]:
    token = running.token(subject)
    async with httpx.AsyncClient(base_url=running.servers[server].url, timeout=30) as http:
        yield Till(http, token)


async def scene_at(running: House, n: int, asked: Errand = SALE) -> tuple[str, Json]:
    """A member that nobody has touched, and the input for them."""
    number = numbers(asked.upstream, n + 1)[n]
    async with till_at(running) as till:
        member = await till.member(asked.program, number)
    return number, asked.given(Scene(member["id"], n))


async def asked_of(running: House, server: int, key: str, given: Json, of: Errand = SALE) -> Told:
    async with till_at(running, server) as till:
        return await till.tell(of.mutation, key, given)


async def insisted(running: House, server: int, key: str, given: Json, of: Errand = SALE) -> Told:
    """The same, asked again while it is told that nothing left: a crowd may be too much at once."""
    ends = time.monotonic() + SETTLED
    while (told := await asked_of(running, server, key, given, of)).is_unsent:
        assert time.monotonic() < ends, told
        await asyncio.sleep(0.2)
    return told


async def settled_at(running: House, server: int, key: str) -> str:
    async with till_at(running, server) as till:
        return await till.settled(key, SETTLED)


def true_of(running: House, number: str, status: str, asked: Errand = SALE) -> None:
    """What is told is what the books show."""
    effects = running.books.effects(upstream=asked.upstream, member=number)
    assert verdict(asked, status, effects) == ""


def when_it_arrives(
    running: House, do: Callable[[], object], fault: RequestFault | None = None
) -> threading.Event:
    """Let something be done the moment that the sale's write has left the server."""
    arrived = threading.Event()

    def choose(request: Asked) -> RequestFault | None:
        if not arrived.is_set() and request.path.endswith("/transaction/post"):
            do()
            arrived.set()
            return fault
        return None

    running.proxy.choose(choose)
    return arrived
