"""Named points of a mutation's path: before and after each commit, before, in and after each write.

They are put around the journal's public methods and the engine that writes, from outside: the code
between them is the product's own. At its point a process kills itself, or stops until it is woken.
"""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from graph.app import Openings, fresh_engine, opened_ledger
from graph.settings import Ledger
from ledger.books import Books
from ledger.journal import Change, Record
from providers.calls import Call, Engine, Interrupted, Reply
from providers.settings import ProgramSettings
from resolvers.pace import Pace

T = TypeVar("T")

IN_A_WRITE = 0.003
"""Seconds from handing a request to the engine until its bytes are under way, or are answered."""


@dataclass(slots=True)
class Failpoints:
    """Counts what the operation of a key passes; `point` is where it ends, None nowhere.

    `loses` lets the first write end without an answer: "answer" after it had its effect, "request"
    before it left, which nobody but us can know.
    """

    key: str
    point: str | None = None
    how: signal.Signals = signal.SIGKILL
    loses: str = ""
    passed: list[str] = field(default_factory=list[str])
    operation: str = ""
    commits: int = 0
    writes: int = 0
    is_armed: bool = False

    def openings(self, pace: Pace) -> Openings:
        """What makes an app whose ledger and writes have these points."""

        @asynccontextmanager
        async def journal(settings: Ledger) -> AsyncGenerator[Books]:
            async with opened_ledger(settings) as books:
                yield PointedBooks(books, self)

        def engine(program: ProgramSettings) -> Engine:
            return PointedEngine(fresh_engine(program), self)

        return Openings(pace=pace, journal=journal, write_engine=engine)

    def reach(self, name: str) -> None:
        """The process is at this point; it may be its last."""
        if self.is_armed:
            self.passed.append(name)
            if name == self.point:
                os.kill(os.getpid(), self.how)

    async def commit(self, what: str, work: Awaitable[T]) -> T:
        """Carry out a commit of our operation between its two points."""
        self.commits += self.is_armed
        return await self.around(f"commit {self.commits} ({what})", work)

    async def around(self, name: str, work: Awaitable[T]) -> T:
        """Carry out something between its two points."""
        self.reach(f"before {name}")
        result = await work
        self.reach(f"after {name}")
        return result

    async def write(self, work: Awaitable[Reply]) -> Reply:
        """Carry out a write between its three points."""
        self.writes += self.is_armed
        name = f"write {self.writes}"
        self.reach(f"before {name}")
        sending = asyncio.ensure_future(work)
        if self.point == f"in {name}":
            await asyncio.sleep(IN_A_WRITE)
        self.reach(f"in {name}")
        reply = await sending
        self.reach(f"after {name}")
        return reply

    def is_ours(self, record: Record) -> bool:
        return record.key == self.key


class PointedBooks(Books):
    """The ledger, with points around its commits."""

    def __init__(self, books: Books, points: Failpoints) -> None:
        super().__init__(books.engine, books.seals, lambda: datetime.now(UTC))
        self._points = points

    async def open(self, record: Record) -> Record:
        work = super().open(record)
        if not self._points.is_ours(record):
            return await work
        self._points.operation = record.id
        return await self._points.commit(record.state.value, work)

    async def change(self, record: Record, change: Change) -> Record:
        work = super().change(record, change)
        if not self._points.is_ours(record):
            return await work
        return await self._points.commit(change.state.value, work)

    async def note(self, operation: str, why: str, evidence: bytes | None, actor: str) -> None:
        work = super().note(operation, why, evidence, actor)
        if operation != self._points.operation:
            await work
        else:
            await self._points.around("noting", work)

    async def claim(
        self,
        owner: str,
        now: datetime,
        lease_until: datetime,
        most: int,
        without: Sequence[str] = (),
    ) -> Sequence[Record]:
        claimed = await super().claim(owner, now, lease_until, most, without)
        if any(self._points.is_ours(record) for record in claimed):
            self._points.reach("after claiming it")
        return claimed

    async def numbers(self, program: str, counter: str, block: int, start: int = 1) -> int:
        return await self._points.around(
            "taking numbers", super().numbers(program, counter, block, start)
        )


class PointedEngine:
    """The connections that money is written over, with points around each write."""

    def __init__(self, engine: Engine, points: Failpoints) -> None:
        self._engine = engine
        self._points = points

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - Engine
        points = self._points
        loses = points.loses if points.is_armed and points.writes == 0 else ""
        reply = await points.write(self._sent(call, timeout, reaches=loses != "request"))
        if loses:
            raise Interrupted("closed")
        return reply

    async def _sent(self, call: Call, seconds: float, *, reaches: bool) -> Reply:
        if not reaches:
            return Reply(0, {}, b"")
        return await self._engine.send(call, seconds)

    async def aclose(self) -> None:
        await self._engine.aclose()
