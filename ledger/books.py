"""The journal over either database; what each method promises is told in ledger/journal.py."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ledger import keyring, reads, resealing, rounds, writes
from ledger.journal import Change, Event, Record, State
from ledger.people import KeptCustomers
from ledger.resealing import Resealed
from ledger.seal import Seals
from ledger.sql import Engine, Unit


class Books:
    """A journal; `engine` and `seals` are for other tables in the same database."""

    def __init__(self, engine: Engine, seals: Seals, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.seals = seals
        self._clock = clock

    @property
    def customers(self) -> KeptCustomers:
        """The customers, in the same database."""
        return KeptCustomers(self.engine, self.seals)

    async def now(self) -> datetime | None:
        """What the database's own clock shows; None where that is this machine's."""
        return await self.engine.read(reads.now) if self.engine.has_clock else None

    async def find(self, scope: str, key: str) -> Record | None:
        """The operation that a scope knows by a key."""
        return await self.engine.read(lambda: reads.by_key(scope, key, self.seals))

    async def look(
        self, scope: str, key: str, program: str, kind: str, document: str | None
    ) -> tuple[Record | None, int]:
        """The operation that a scope knows by a key, and how many with a document ended FAILED."""
        return await self.engine.read(
            lambda: reads.before(scope, key, (program, kind, document), self.seals)
        )

    async def get(self, operation: str) -> Record | None:
        """The operation with this id."""
        return await self.engine.read(lambda: reads.by_id(operation, self.seals))

    async def open(self, record: Record) -> Record:
        """Begin an operation."""
        return await self.engine.write(writes.opened(record, self.seals, self._clock()))

    async def change(self, record: Record, change: Change) -> Record:
        """Compare (id, rev) and set; a lease that is given goes to `record.owner`."""
        return await self.engine.write(writes.changed(record, change, self.seals, self._clock()))

    async def note(self, operation: str, why: str, evidence: bytes | None, actor: str) -> None:
        """Add an event; raises LookupError for an operation that is not there."""
        unit = writes.noted(operation, why, evidence, actor, self.seals, self._clock())
        await self.engine.write(unit)

    async def events(self, operation: str) -> Sequence[Event]:
        """The operation's history."""
        return await self.engine.read(lambda: reads.events(operation, self.seals))

    async def claim(
        self,
        owner: str,
        now: datetime,
        lease_until: datetime,
        most: int,
        without: Sequence[str] = (),
    ) -> Sequence[Record]:
        """Lease what is due; what cannot be read is leased, left out, and told in the log."""
        claiming = rounds.claimed(owner, now, lease_until, most, self.seals, without)
        return await self.engine.write(claiming)

    async def served(self, program: str, serial: str, but: str, since: datetime) -> bool:
        """Whether another operation than `but` with this serial was open since then."""
        return await self.engine.read(lambda: reads.served(program, serial, but, since))

    async def of_native(self, program: str, native: str) -> Record | None:
        """The latest live operation that the provider knows by this text."""
        return await self.engine.read(lambda: reads.by_native(program, native, self.seals))

    async def about(self, target: str) -> Sequence[Record]:
        """All operations with this target."""
        return await self.engine.read(lambda: reads.by_target(target, self.seals))

    async def history(
        self,
        program: str,
        member: str,
        kinds: Sequence[str],
        *,
        starts_at: datetime,
        ends_at: datetime,
    ) -> Sequence[Record]:
        """A member's live operations; `ends_at` itself is not in the period."""
        period = (starts_at, ends_at)
        return await self.engine.read(
            lambda: reads.history(program, member, kinds, period, self.seals)
        )

    async def in_state(self, states: Sequence[State], most: int) -> Sequence[Record]:
        """Operations in these states."""
        return await self.engine.read(lambda: reads.in_state(states, most, self.seals))

    async def counts(self) -> Mapping[State, int]:
        """How many operations are in each state; it looks at all of them."""
        return await self.engine.read(reads.counts)

    async def numbers(self, program: str, counter: str, block: int, start: int = 1) -> int:
        """Take `block` values of a durable counter, which begins with `start`."""
        return await self.engine.write(rounds.counted_on(program, counter, block, start))

    async def sweep(self, now: datetime, keys_before: datetime, data_before: datetime) -> int:
        """Blank secrets that are over, and of settled operations: keys, then data.

        What was UNSENT counts as settled, what is under review does not. A freed key may be used
        again. With the data go the command, its fingerprint, what the steps brought, and evidence;
        results and figures stay, and so do references, which are used only once for ever. Each
        transaction touches some hundreds of operations; stopped half-way it has swept these.
        """
        units = rounds.swept(now, keys_before, data_before)
        return sum([await self._all(unit) for unit in units])

    async def forget(
        self, program: str, member: str, figures: Callable[[bytes], bytes] = lambda result: result
    ) -> int:
        """Erase the personal data of a member's settled operations, under whatever key.

        Gone are the member's number, the command and its fingerprint, secrets, what the steps sent
        and brought, and evidence; of operations that move no points (enrolment, profile, consent,
        authorization) the result too. What stays: kind, program, document, states and times,
        references, digests, reasons, and of operations that move points or vouchers what `figures`
        leaves of the result. Open operations and those under review stay as they are:
        ask again when they are settled. An attempt to enrol that failed knows no member; the sweep
        erases it.
        """
        return await self._all(rounds.forgotten(program, member, figures, self.seals))

    async def check_keys(self) -> None:
        """Refuse a list of keys that cannot open what is there; raises LedgerError."""
        await self.engine.write(keyring.checked(self.seals))

    async def reseal(self, shown: Callable[[Resealed], None] = lambda _: None) -> Resealed:
        """Seal everything with the first key; `shown` hears how far it is.

        The other keys open nothing any more then. Every server must write with the first key
        before this begins. Stopped half-way it has sealed some, and may be begun again.
        """
        done = Resealed(self.seals.first)
        after: str | None = ""
        while after is not None:
            part = await self.engine.write(resealing.resealed(after, self.seals))
            after = part.last
            looked, operations = done.looked + part.looked, done.operations + part.touched
            done = replace(done, looked=looked, operations=operations)
            shown(done)
        links = await self._all(resealing.links_resealed(self.seals))
        await self.engine.write(resealing.only_first(self.seals))
        return replace(done, links=links)

    async def aclose(self) -> None:
        """Close it."""
        await self.engine.aclose()

    async def _all(self, unit: Unit[int]) -> int:
        """Repeat a round until there is nothing left of it."""
        total = 0
        while touched := await self.engine.write(unit):
            total += touched
        return total
