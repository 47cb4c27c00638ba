"""What the desk works with: the programs, the journal, the clocks, and who is told of changes."""

import asyncio
import logging
import random as _random
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ledger.customers import LinkRefused
from ledger.journal import OPEN, Change, Journal, LedgerUnavailable, Record, State
from loyalty.errors import ErrorCode, LoyaltyError, OutcomeUnknown, Unavailable
from loyalty.refs import MemberRef
from providers.writing import Patience
from resolvers.accounts import Accounts
from resolvers.linking import unlinked
from resolvers.pace import Pace
from resolvers.shared_time import SharedTime

log = logging.getLogger("loyalty_graph.desk")


_MANY = 1_000


def _utc() -> datetime:
    return datetime.now(UTC)


def _nobody(_ref: MemberRef) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Time and chance: the monotonic clock (seconds), the wall clock, a sleep, 0 <= random < 1."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = _random.random


def _owner() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Shared by everything that drives operations in this process.

    `fences`: what this process sent itself is not looked for before, by its monotonic clock.
    """

    accounts: Accounts
    journal: Journal
    pace: Pace = field(default_factory=Pace)
    clocks: Clocks = field(default_factory=Clocks)
    time: SharedTime
    owner: str = field(default_factory=_owner)
    fences: dict[str, float] = field(default_factory=dict[str, float])
    changed: Callable[[MemberRef], None] = _nobody

    def clock(self) -> float:
        """The monotonic clock."""
        return self.clocks.monotonic()

    def now(self) -> datetime:
        """The time that all servers on this ledger share."""
        return self.time.now()

    def after(self, seconds: float) -> datetime:
        """The shared time, so many seconds from now (not scaled)."""
        return self.now() + timedelta(seconds=seconds)

    def work_lease(self) -> datetime:
        """How long a lease lasts under which nothing is sent."""
        return self.after(self.pace.seconds(self.pace.work))

    def lease(self, patience: Patience) -> datetime:
        """How long a lease lasts under which something may be on the wire."""
        return self.after(self.pace.seconds(self.pace.leave + self.pace.margin) + patience.wire)

    def fence(self, patience: Patience) -> datetime:
        """When what is sent now, at the latest, has had its effect and shows it."""
        return self.after(self.pace.seconds(self.pace.leave) + patience.fence)

    def fenced(self, record: Record) -> None:
        """Remember the fence of what is about to be sent: clocks that are set do not move it."""
        if record.state is State.SENDING and record.next_at is not None:
            if len(self.fences) > _MANY:
                for one in [one for one in self.fences if not self.is_fenced(one)]:
                    del self.fences[one]
            wait = (record.next_at - self.now()).total_seconds()
            self.fences[record.id] = self.clock() + wait
        elif record.state not in OPEN:
            self.fences.pop(record.id, None)

    def is_fenced(self, operation: str) -> bool:
        """Whether this process sent it so lately that a look would prove nothing."""
        return self.clock() < self.fences.get(operation, 0.0)

    def backoff(self, tries: int) -> float:
        """Seconds before the next try of what never left, or was never recorded; jittered."""
        first, longest = self.pace.backoff
        wait = min(longest, first * 2.0**tries)
        return self.pace.seconds(wait * (0.5 + self.clocks.random() / 2))

    def delay(self, looks: int) -> float:
        """Seconds before doubt is tried to be settled again, after so many tries; full jitter."""
        schedule = self.pace.schedule
        if looks <= len(schedule):
            wait = schedule[looks - 1] * self.clocks.random()
        else:
            wait = self.pace.slow * (0.9 + self.clocks.random() / 10)
        return self.pace.seconds(wait)

    async def commit(self, record: Record, change: Change) -> Record:
        """Change a record, however long the ledger takes to come back; raises Overtaken.

        Where links cannot be changed with it, the operation is refused instead.
        """
        tries = 0
        while True:
            try:
                return await self.journal.change(record, change)
            except LinkRefused as refused:
                change = unlinked(record, change, refused.refusal)
            except LedgerUnavailable:
                if tries == 0:
                    log.warning("ledger unavailable", extra={"operation": record.id})
                await self.clocks.sleep(self.backoff(min(tries, 10)))
                tries += 1

    async def read(self, operation: str) -> Record | None:
        """A record, however long the ledger takes to come back."""
        tries = 0
        while True:
            try:
                return await self.journal.get(operation)
            except LedgerUnavailable:
                await self.clocks.sleep(self.backoff(min(tries, 10)))
                tries += 1


def ledger_unavailable() -> Unavailable:
    """What a client is told when nothing can be recorded, so nothing is sent."""
    return Unavailable(
        "nothing can be recorded at the moment, so nothing was sent",
        code=ErrorCode.LEDGER_UNAVAILABLE,
    )


def perhaps_recorded(code: ErrorCode, why: str) -> OutcomeUnknown:
    """What a client is told when an operation may be there, and nobody can look at it now."""
    return OutcomeUnknown(f"{why}; ask again with the same key, which does it once", code=code)


def of_program(error: LoyaltyError, program: str) -> LoyaltyError:
    """The error, saying where it came from."""
    error.program = error.program or program
    return error


def new_operation(now: datetime) -> str:
    """A fresh id: 32 hexadecimal digits in order of time (UUID 7)."""
    milliseconds = int(now.timestamp() * 1000) & (1 << 48) - 1
    chance = secrets.randbits(74)
    high = milliseconds << 16 | 0x7 << 12 | chance >> 62
    low = 0b10 << 62 | chance & (1 << 62) - 1
    return f"{high << 64 | low:032x}"
