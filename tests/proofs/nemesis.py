"""Whoever makes trouble in a soak: faults of the network and of the upstreams, and dead servers."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Callable

from tests.proofs.houses import House
from tests.proofs.proxy import Asked
from tests.proofs.wire_faults import (
    PLACES,
    CutReply,
    CutRequest,
    DelayReply,
    Late,
    LoseReply,
    LoseRequest,
    NeverAnswer,
    RequestFault,
    ResetOnAccept,
    StallReply,
)

UPSTREAM_FAULTS: tuple[dict[str, object], ...] = (
    {"drop": "before"},
    {"drop": "after"},
    {"truncate": 20},
    {"status": 500},
    {"status": 500, "apply": True},
    {"status": 502, "html": True, "apply": True},
    {"status": 503},
    {"empty": True},
    {"html": True},
    {"wrong_types": "all"},
    {"rate_limited": True},
    {"delay_ms": 300},
)


class Nemesis:
    """Spoils one request in so many on the wire, orders faults, and kills a server now and then."""

    def __init__(self, house: House, *, seed: int, share: float = 0.05, kill_every: float) -> None:
        self.house = house
        self.kills = 0
        self.pauses = 0
        self.ordered: Counter[str] = Counter()
        self._dice = random.Random(seed)  # noqa: S311 - repeatable trouble
        self._share = share
        self._kill_every = kill_every

    async def run(self, until: Callable[[], bool]) -> None:
        """Make trouble until it is time, then stop."""
        self.house.proxy.choose(self._choose)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._order(until))
            tasks.create_task(self._kill(until))
        self.house.proxy.forget()
        await asyncio.to_thread(self.house.books.heal)
        for server in self.house.servers:
            server.signal(signal.SIGCONT)
            if not server.is_up:
                await asyncio.to_thread(server.start)

    @property
    def faults(self) -> int:
        """How many faults were suffered on the wire, or ordered from an upstream."""
        return sum(self.house.proxy.suffered.values()) + sum(self.ordered.values())

    def _choose(self, asked: Asked) -> RequestFault | None:
        if self._dice.random() >= self._share or "oken" in asked.path:
            return None
        place = self._dice.choice(PLACES)
        faults: list[RequestFault] = [
            CutRequest(place),
            LoseRequest(),
            LoseReply(),
            LoseReply(),
            CutReply(place),
            StallReply(place),
            DelayReply(self._dice.random()),
            Late(self._dice.random() * 2),
            Late(self._dice.random() * 2, hang=True),
        ]
        return self._dice.choice(faults)

    async def _order(self, until: Callable[[], bool]) -> None:
        while not until():
            await asyncio.sleep(0.3 + self._dice.random())
            upstream = self._dice.choice(("onerewards", "telluride", "fabric"))
            fault = self._dice.choice(UPSTREAM_FAULTS)
            times = self._dice.randint(1, 5)
            self.ordered[next(iter(fault))] += times
            await asyncio.to_thread(self.house.books.fault, upstream, "*", times, **fault)
            if self._dice.random() < 0.2:
                turn = self._dice.choice((NeverAnswer(), ResetOnAccept()))
                self.house.proxy.spoil_connections(turn, self._dice.randint(1, 3))

    async def _kill(self, until: Callable[[], bool]) -> None:
        while not until():
            pause = min(self._dice.expovariate(1 / self._kill_every), 1.5 * self._kill_every)
            await _sleep(pause + 0.5, until)
            if until():
                return
            server = self._dice.choice(self.house.servers)
            if self.kills and self._dice.random() < 0.2:
                self.pauses += 1
                server.signal(signal.SIGSTOP)
                await asyncio.sleep(0.5 + self._dice.random() * 2)
                server.signal(signal.SIGCONT)
                continue
            await asyncio.to_thread(server.kill)
            self.kills += 1
            await asyncio.sleep(self._dice.random() * 0.3)
            await asyncio.to_thread(server.start)


async def _sleep(seconds: float, until: Callable[[], bool]) -> None:
    for _ in range(int(seconds / 0.2) + 1):
        if until():
            return
        await asyncio.sleep(0.2)
