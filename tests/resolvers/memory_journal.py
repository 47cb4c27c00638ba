"""A journal in memory, for tests: the whole contract of ledger.journal, and switches for faults."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

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
    StepRecord,
)


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
        self._counters: Counter[tuple[str, str]] = Counter()

    async def _turn(self) -> None:
        await asyncio.sleep(self.takes)
        if self.down:
            raise LedgerUnavailable

    async def now(self) -> datetime | None:
        await self._turn()
        return self._now() if self.has_clock else None

    async def find(self, scope: str, key: str) -> Record | None:
        await self._turn()
        return self._find(scope, key)

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
        self._check_document(record)
        for step in record.steps:
            self._check_step(record, step)
        self.records[record.id] = record
        self._event(record, None, "opened", "graph")
        self.commits += 1
        return record

    async def change(self, record: Record, change: Change) -> Record:
        await self._turn()
        before = self.records[record.id]
        if before.rev != record.rev:
            raise Overtaken
        after = self._changed(before, change)
        if change.reopen:
            self._check_document(after)
        if change.step is not None and after.state in OPEN and change.step.outcome is None:
            self._check_step(after, change.step)
        self.records[record.id] = after
        self._event(after, before.state, change.why, change.actor)
        self.commits += 1
        return after

    def _changed(self, before: Record, change: Change) -> Record:
        steps = {step.seq: step for step in before.steps}
        if change.step is not None:
            steps[change.step.seq] = change.step
        ordered = tuple(steps[seq] for seq in sorted(steps))
        if change.final:
            ordered = tuple(replace(step, request=None) for step in ordered)
        fields = (
            "next_at",
            "looks",
            "tries",
            "native",
            "member",
            "result",
            "result_secret",
            "secret_until",
        )
        told = {name: getattr(change, name) for name in (*fields, "secret")}
        given = {name: value for name, value in told.items() if value is not None}
        is_open, ended_before = change.state in OPEN, before.state == change.state
        cleared = ({} if is_open else {"next_at": None}) | given
        cleared |= {"secret": None} if change.final else {}
        return replace(
            before,
            state=change.state,
            rev=before.rev + 1,
            steps=ordered,
            lease_until=change.lease_until,
            finished_at=None if is_open else (ended_before and before.finished_at) or self._now(),
            **cleared,
        )

    def _check_document(self, record: Record) -> None:
        for other in self.records.values():
            same = (other.program, other.kind, other.document) == (
                record.program,
                record.kind,
                record.document,
            )
            if record.document and same and other.state in LIVE and other.id != record.id:
                raise DocumentTaken(other)

    def _check_step(self, record: Record, step: StepRecord) -> None:
        others = [
            (other, theirs)
            for other in self.records.values()
            if other.program == record.program
            for theirs in other.steps
            if (other.id, theirs.seq) != (record.id, step.seq)
        ]
        if step.serial is not None and any(
            theirs.serial == step.serial and theirs.outcome is None and other.state in OPEN
            for other, theirs in others
        ):
            raise SerialTaken
        if step.reference is not None and any(
            (theirs.name, theirs.reference) == (step.name, step.reference) for _, theirs in others
        ):
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
            if (record.state in OPEN or (record.state is State.FAILED and record.next_at))
            and record.program not in without
            and (record.lease_until is None or record.lease_until <= now)
            and (record.next_at is None or record.next_at <= now)
        ]
        claimed = []
        for record in sorted(due, key=lambda record: record.id)[:most]:
            mine = replace(record, owner=owner, lease_until=lease_until, rev=record.rev + 1)
            self.records[record.id] = mine
            claimed.append(mine)
        return claimed

    async def refused(self, program: str, kind: str, document: str) -> int:
        await self._turn()
        return sum(
            (r.program, r.kind, r.document, r.state) == (program, kind, document, State.FAILED)
            for r in self.records.values()
        )

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
        return [r for r in self.records.values() if r.target == target]

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
        return [r for r in self.records.values() if r.state in states][:most]

    async def counts(self) -> Mapping[State, int]:
        await self._turn()
        return Counter(r.state for r in self.records.values())

    async def numbers(self, program: str, counter: str, block: int, start: int = 1) -> int:
        await self._turn()
        first = self._counters.get((program, counter), start)
        self._counters[program, counter] = first + block
        return first

    async def sweep(self, now: datetime, keys_before: datetime, data_before: datetime) -> int:
        raise NotImplementedError

    async def forget(self, program: str, member: str) -> int:
        raise NotImplementedError

    async def aclose(self) -> None:
        return None
