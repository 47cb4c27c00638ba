"""A journal in memory, for tests: the contract of ledger.journal, and switches for faults.

It has no customers: a change of links is tried on a real ledger.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ledger.changes import applied
from ledger.journal import (
    LIVE,
    OPEN,
    Change,
    DocumentTaken,
    Event,
    KeyTaken,
    LedgerUnavailable,
    Overtaken,
    Record,
    ReferenceTaken,
    SerialTaken,
    State,
)
from ledger.rounds import FIGURES
from ledger.rows import busy, plain, utc

_SETTLED = {State.CONFIRMED, State.FAILED, State.COMPENSATED, State.UNSENT}


class MemoryJournal:
    """Every method lets others run before it does its work, at once."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.records: dict[str, Record] = {}
        self.history_of: dict[str, list[Event]] = {}
        self.down = False
        self.has_clock = True
        self.takes = 0.0
        self.commits = 0
        self.claims = 0
        self._now = now
        self._closed = False
        self._freed: set[str] = set()
        self._counters: Counter[tuple[str, str]] = Counter()

    async def _turn(self) -> None:
        await asyncio.sleep(self.takes)
        if self.down or self._closed:
            raise LedgerUnavailable

    async def now(self) -> datetime | None:
        await self._turn()
        return self._now() if self.has_clock else None

    async def find(self, scope: str, key: str) -> Record | None:
        await self._turn()
        return self._find(scope, key)

    async def look(
        self, scope: str, key: str, program: str, kind: str, document: str | None
    ) -> tuple[Record | None, int]:
        await self._turn()
        refused = sum(
            (r.program, r.kind, r.document, r.state) == (program, kind, document, State.FAILED)
            for r in self.records.values()
            if document is not None
        )
        return self._find(scope, key), refused

    def _find(self, scope: str, key: str) -> Record | None:
        return next((r for r in self.records.values() if (r.scope, r.key) == (scope, key)), None)

    async def get(self, operation: str) -> Record | None:
        await self._turn()
        return self.records.get(operation)

    async def open(self, record: Record) -> Record:
        await self._turn()
        known = self._find(record.scope, record.key)
        if known is not None:
            raise KeyTaken(known)
        self._check(record)
        self._keep(record)
        self._event(record, None, "opened", "graph")
        self.commits += 1
        return record

    async def change(self, record: Record, change: Change) -> Record:
        await self._turn()
        assert change.links is None, "links are kept by a real ledger alone"
        if record.id not in self.records or self.records[record.id].rev != record.rev:
            raise Overtaken
        after = applied(record, change, self._now())
        self._check(after)
        self._keep(after)
        self._event(after, record.state, change.why, change.actor)
        self.commits += 1
        return after

    def _keep(self, record: Record) -> None:
        """The record as a database gives it back."""
        for one in (record.document, record.native, record.member, record.target):
            plain(one)
        steps = (replace(one, sent_at=utc(one.sent_at) or one.sent_at) for one in record.steps)
        self.records[record.id] = replace(
            record,
            created_at=utc(record.created_at) or record.created_at,
            lease_until=utc(record.lease_until),
            next_at=utc(record.next_at),
            finished_at=utc(record.finished_at),
            secret_until=utc(record.secret_until),
            steps=tuple(steps),
        )

    def _check(self, record: Record) -> None:
        """What of an operation another one has, in the order that it is told."""
        others = [other for other in self.records.values() if other.id != record.id]
        named = (record.program, record.kind, record.document)
        for other in others:
            same = (other.program, other.kind, other.document) == named
            if record.document and same and {record.state, other.state} <= LIVE:
                raise DocumentTaken(other)
        if _any_twice(_serials(record), [name for other in others for name in _serials(other)]):
            raise SerialTaken
        used = [name for other in others for name in _references(other)]
        if _any_twice(_references(record), used):
            raise ReferenceTaken

    async def note(self, operation: str, why: str, evidence: bytes | None, actor: str) -> None:
        await self._turn()
        record = self.records[operation]
        self._event(record, record.state, why, actor, evidence)

    def _event(
        self,
        record: Record,
        before: State | None,
        why: str,
        actor: str,
        evidence: bytes | None = None,
    ) -> None:
        events = self.history_of.setdefault(record.id, [])
        events.append(Event(len(events), self._now(), before, record.state, why, actor, evidence))

    async def events(self, operation: str) -> Sequence[Event]:
        await self._turn()
        return list(self.history_of.get(operation, ()))

    async def claim(
        self,
        owner: str,
        now: datetime,
        lease_until: datetime,
        most: int,
        without: Sequence[str] = (),
    ) -> Sequence[Record]:
        await self._turn()
        self.claims += 1
        due = [
            record
            for record in self.records.values()
            if record.program not in without
            and (record.lease_until is None or record.lease_until <= now)
            and (record.next_at is None or record.next_at <= now)
        ]
        open_ = [record for record in _in_order(due) if record.state in OPEN]
        watched = [r for r in _in_order(due) if r.state is State.FAILED and r.next_at is not None]
        claimed = []
        for record in [*open_, *watched][:most]:
            mine = replace(record, owner=owner, lease_until=lease_until, rev=record.rev + 1)
            self.records[record.id] = mine
            claimed.append(mine)
        return claimed

    async def served(self, program: str, serial: str, but: str, since: datetime) -> bool:
        await self._turn()
        return any(
            step.serial == serial and (record.finished_at is None or record.finished_at >= since)
            for record in self.records.values()
            if record.program == program and record.id != but
            for step in record.steps
        )

    async def of_native(self, program: str, native: str) -> Record | None:
        await self._turn()
        found = [
            r
            for r in self.records.values()
            if (r.program, r.native) == (program, native) and r.state in LIVE
        ]
        return max(found, key=lambda r: r.id, default=None)

    async def about(self, target: str) -> Sequence[Record]:
        await self._turn()
        return _in_order(r for r in self.records.values() if r.target == target)

    async def history(
        self,
        program: str,
        member: str,
        kinds: Sequence[str],
        *,
        starts_at: datetime,
        ends_at: datetime,
    ) -> Sequence[Record]:
        await self._turn()
        found = [
            r
            for r in self.records.values()
            if (r.program, r.member) == (program, member)
            and r.kind in kinds
            and r.state in LIVE
            and starts_at <= r.created_at < ends_at
        ]
        return sorted(found, key=lambda r: (r.created_at, r.id), reverse=True)

    async def in_state(self, states: Sequence[State], most: int) -> Sequence[Record]:
        await self._turn()
        return _in_order(r for r in self.records.values() if r.state in states)[:most]

    async def counts(self) -> Mapping[State, int]:
        await self._turn()
        found = Counter(r.state for r in self.records.values())
        return {state: found[state] for state in State}

    async def numbers(self, program: str, counter: str, block: int, start: int = 1) -> int:
        await self._turn()
        if block < 1 or start < 1:
            raise ValueError("a block has at least one number, and begins with 1 or more")
        first = self._counters.get((program, counter), start)
        self._counters[program, counter] = first + block
        return first

    async def sweep(self, now: datetime, keys_before: datetime, data_before: datetime) -> int:
        await self._turn()
        return sum(
            (
                sum(self._secret_blanked(record, now) for record in [*self.records.values()]),
                sum(self._key_freed(record) for record in self._settled_before(keys_before)),
                sum(self._data_erased(record) for record in self._settled_before(data_before)),
            )
        )

    def _settled_before(self, at: datetime) -> list[Record]:
        return [
            record
            for record in self.records.values()
            if record.state in _SETTLED and record.finished_at and record.finished_at < at
        ]

    def _secret_blanked(self, record: Record, now: datetime) -> bool:
        is_over = record.secret_until is not None and record.secret_until <= now
        if not is_over or record.result_secret is None:
            return False
        self._swept(record, result_secret=None)
        return True

    def _key_freed(self, record: Record) -> bool:
        if record.id in self._freed:
            return False
        self._freed.add(record.id)
        self._swept(record, scope="", key=record.id)
        return True

    def _data_erased(self, record: Record) -> bool:
        if record.id not in self._freed or not record.command:
            return False
        self._emptied(record)
        return True

    async def forget(
        self, program: str, member: str, figures: Callable[[bytes], bytes] = lambda result: result
    ) -> int:
        await self._turn()
        theirs = [
            record
            for record in self.records.values()
            if (record.program, record.member) == (program, member) and record.state in _SETTLED
        ]
        for record in theirs:
            result = record.result if record.kind in FIGURES else None
            self._emptied(
                record,
                member=None,
                native=None,
                result=None if result is None else figures(result),
                steps=tuple(replace(step, serial=None) for step in record.steps),
            )
        return len(theirs)

    def _emptied(self, record: Record, **changes: object) -> None:
        """Without what was asked, sent, brought and seen."""
        erased = {"command": b"", "fingerprint": b"", "secret": None, "result_secret": None}
        self._swept(record, **erased, next_at=None, **changes)
        bare = self.records[record.id]
        steps = (
            replace(step, request=None, outcome=None if step.outcome is None else b"")
            for step in bare.steps
        )
        self.records[record.id] = replace(bare, steps=tuple(steps))
        events = self.history_of.get(record.id, [])
        events[:] = [replace(event, evidence=None) for event in events]

    def _swept(self, record: Record, **changes: object) -> None:
        self.records[record.id] = replace(record, rev=record.rev + 1, **changes)

    async def aclose(self) -> None:
        self._closed = True


def _in_order(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda record: (record.created_at, record.id))


def _serials(record: Record) -> list[tuple[str, str]]:
    """The serials that it keeps busy."""
    held = (busy(record.state, step) for step in record.steps)
    return [(record.program, serial) for serial in held if serial is not None]


def _references(record: Record) -> list[tuple[str, str, str]]:
    return [
        (record.program, step.name, step.reference)
        for step in record.steps
        if step.reference is not None
    ]


def _any_twice(own: Sequence[object], others: Sequence[object]) -> bool:
    return len(own) > len(set(own)) or not set(own).isdisjoint(others)
