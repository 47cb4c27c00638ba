"""Clocks that are wrong, or are set, between servers on one journal: no fence ends early."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from ledger.journal import LedgerUnavailable, State
from loyalty.outcomes import OperationStatus
from providers.writing import Doubt
from resolvers.accounts import Accounts
from resolvers.desk import Desk
from resolvers.office import Clocks
from resolvers.reconcile import Resolver
from resolvers.shared_time import FRESH, SharedTime
from tests.resolvers.desks import ANN, account, clocks, post
from tests.resolvers.fake_program import PATIENCE, FakeProgram, Plan
from tests.resolvers.memory_journal import MemoryJournal
from tests.resolvers.virtual_time import now, stopped, virtual

KEY = "one-key-for-this-test"
HOUR = timedelta(hours=1)
DECLARED = replace(PATIENCE, read_lag=10.0)
OFF = [HOUR, -HOUR, timedelta(days=400), timedelta(seconds=55)]
off = pytest.mark.parametrize("off", OFF, ids=str)


@dataclass
class Wall:
    """A wall clock that somebody may set."""

    off: timedelta = timedelta(0)

    def now(self) -> datetime:
        return now() + self.off


def wrong(wall: Wall) -> Clocks:
    return replace(clocks(), now=wall.now)


@dataclass
class Server:
    wall: Wall
    desk: Desk
    working: asyncio.Task[None]


@dataclass
class Shop:
    """Servers, each with a wall clock of its own, on one journal."""

    program: FakeProgram
    journal: MemoryJournal
    servers: list[Server] = field(default_factory=list)

    def server(self, wall: Wall) -> Server:
        desk = Desk(Accounts([account(self.program)]), self.journal, clocks=wrong(wall))
        made = Server(wall, desk, asyncio.create_task(Resolver(desk).run()))
        self.servers.append(made)
        return made


@asynccontextmanager
async def shop(program: FakeProgram, clock: Callable[[], datetime] = now) -> AsyncGenerator[Shop]:
    made = Shop(program, MemoryJournal(clock))
    try:
        yield made
    finally:
        await stopped([server.working for server in made.servers])
        for server in made.servers:
            await server.desk.aclose()


def late() -> FakeProgram:
    """Its effect comes at the very end of what it declares; until then it is absent."""
    return FakeProgram(doubt=Doubt.LOOK, patience_=DECLARED, takes=1.0, plans=[Plan.LOST_AND_LATE])


@off
def test_a_server_whose_clock_is_wrong_takes_nothing_over_early(off: timedelta) -> None:
    @virtual
    async def check() -> None:
        async with shop(late()) as all_:
            first, _ = all_.server(Wall()), all_.server(Wall(off))
            told = await first.desk.do(ANN, KEY, post(), "t")
            assert told.status is OperationStatus.PENDING
            await asyncio.sleep(200)
            assert [r.state for r in all_.journal.records.values()] == [State.CONFIRMED]
            assert [effect.name for effect in all_.program.book] == ["post"]

    check()


@off
def test_what_a_server_with_a_wrong_clock_sends_is_nobodys_to_take(off: timedelta) -> None:
    """Its lease and fence are true for others, and it does not stay open for an hour."""

    @virtual
    async def check() -> None:
        async with shop(late()) as all_:
            first, _ = all_.server(Wall(off)), all_.server(Wall())
            await first.desk.do(ANN, KEY, post(), "t")
            await asyncio.sleep(200)
            (record,) = all_.journal.records.values()
            assert record.state is State.CONFIRMED
            assert abs(record.created_at - now()) < timedelta(minutes=5)

    check()


@off
@pytest.mark.parametrize("which", [0, 1], ids=["the sender's", "the other's"])
def test_a_clock_that_is_set_meanwhile_moves_no_fence(off: timedelta, which: int) -> None:
    @virtual
    async def check() -> None:
        async with shop(late()) as all_:
            first, _ = all_.server(Wall()), all_.server(Wall())
            await first.desk.do(ANN, KEY, post(), "t")
            all_.servers[which].wall.off = off
            await asyncio.sleep(200)
            assert [r.state for r in all_.journal.records.values()] == [State.CONFIRMED]

    check()


@pytest.mark.parametrize("has_clock", [True, False], ids=["its own", "the machine's"])
@pytest.mark.parametrize("doubt", [Doubt.LOOK, Doubt.LOOK_THEN_REPLAY, Doubt.REPLAY])
def test_where_the_ledgers_own_clock_is_set_the_sender_keeps_its_fence(
    doubt: Doubt, has_clock: bool
) -> None:
    """SQLite's clock is the machine's, which may be set under a running server."""

    @virtual
    async def check() -> None:
        wall = Wall()
        program = late()
        program.doubt = doubt
        async with shop(program, wall.now) as all_:
            all_.journal.has_clock = has_clock
            server = all_.server(wall)
            await server.desk.do(ANN, KEY, post(), "t")
            wall.off = HOUR
            await asyncio.sleep(300)
            assert [r.state for r in all_.journal.records.values()] == [State.CONFIRMED]
            assert len(program.book) == 1
            fence = 5.0 + DECLARED.fence
            assert all(t.at - program.tries[0].at >= fence for t in program.tries[1:])

    check()


# ------------------------------------------------------------------ the shared time itself


@dataclass
class Ledger:
    """Its clock, and how long it takes to tell the time."""

    ahead: timedelta = HOUR
    takes: list[float] = field(default_factory=list)
    asked: int = 0
    down: bool = False

    async def now(self) -> datetime:
        self.asked += 1
        if self.down:
            raise LedgerUnavailable
        takes = self.takes.pop(0) if self.takes else 0.0
        await asyncio.sleep(takes / 2)
        told = now() + self.ahead
        await asyncio.sleep(takes / 2)
        return told


@virtual
async def test_the_time_is_the_ledgers_between_its_readings_too() -> None:
    ledger, wall = Ledger(), Wall()
    shared = SharedTime(asyncio.get_running_loop().time, wall.now)
    assert shared.now() == now()
    await shared.keep(ledger)  # type: ignore[arg-type]
    assert shared.now() == now() + HOUR
    await asyncio.sleep(FRESH - 1)
    await shared.keep(ledger)  # type: ignore[arg-type]
    assert (shared.now(), ledger.asked) == (now() + HOUR, 1)
    await asyncio.sleep(2)
    ledger.ahead = 2 * HOUR
    await shared.keep(ledger)  # type: ignore[arg-type]
    assert (shared.now(), ledger.asked) == (now() + 2 * HOUR, 2)
    wall.off = HOUR
    await shared.keep(ledger)  # type: ignore[arg-type]
    assert ledger.asked == 3


@virtual
async def test_a_slow_reading_is_repeated_and_a_missing_one_changes_nothing() -> None:
    ledger = Ledger(takes=[8.0, 0.2])
    shared = SharedTime(asyncio.get_running_loop().time, now)
    await shared.keep(ledger)  # type: ignore[arg-type]
    assert ledger.asked == 2
    assert shared.now() == now() + HOUR
    await asyncio.sleep(FRESH + 1)
    ledger.down = True
    with pytest.raises(LedgerUnavailable):
        await shared.keep(ledger)  # type: ignore[arg-type]
    assert shared.now() == now() + HOUR


@virtual
async def test_a_ledger_without_a_clock_has_this_machines() -> None:
    class Local(Ledger):
        async def now(self) -> None:  # type: ignore[override]
            self.asked += 1

    ledger, wall = Local(), Wall()
    shared = SharedTime(asyncio.get_running_loop().time, wall.now)
    for wall.off in (timedelta(0), HOUR):
        await shared.keep(ledger)  # type: ignore[arg-type]
        assert shared.now() == wall.now()
    await asyncio.sleep(2 * FRESH)
    await shared.keep(ledger)  # type: ignore[arg-type]
    assert ledger.asked == 1


def test_a_time_has_a_zone() -> None:
    shared = SharedTime(lambda: 0.0, lambda: datetime.now(UTC))
    assert shared.now().tzinfo is not None
