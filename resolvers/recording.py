"""Makes durable what happens to an operation, and tells whoever must know of it."""

import logging
from collections.abc import Callable
from dataclasses import replace

import orjson

from ledger.journal import OPEN, Change, LedgerUnavailable, Overtaken, Record, State, StepRecord
from loyalty.errors import LoyaltyError
from loyalty.outcomes import Done
from resolvers.courses import Course
from resolvers.ends import reviewed
from resolvers.office import Office
from resolvers.receipts import member_of
from resolvers.records import outcome_of, result_of

log = logging.getLogger("loyalty_graph.desk")

_CHANGED = frozenset({State.CONFIRMED, State.COMPENSATED})


class Recorder:
    """The only one that changes records. `wake` hears of work that is left for later."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.wake: Callable[[Record], None] = lambda _record: None

    async def change(self, course: Course, change: Change) -> None:
        """Change the record, however long the ledger takes; raises Overtaken."""
        course.record = await self._office.commit(course.record, change)
        self._office.fenced(course.record)
        self._tell(course)

    async def outcome(self, course: Course, change: Change, outcome: Done | LoyaltyError) -> bool:
        """Record what a program said; it stays true if somebody else has taken over meanwhile.

        False: it is no news any more, and the course has the record as it is.
        """
        while True:
            try:
                await self.change(course, change)
            except Overtaken:
                if not await self._is_news(course, outcome):
                    return False
                step = None if change.step is None else _onto(course.record, change.step)
                change = replace(change, step=step)
            else:
                return True

    async def review(self, course: Course, why: str) -> None:
        """Hand it to a person, with all that is known; raises Overtaken."""
        course.record = await self.handed_over(course.record, why)

    async def handed_over(self, record: Record, why: str) -> Record:
        """The same for a record whose course cannot be found."""
        record = await self._office.commit(record, reviewed(record.program, why))
        step = record.steps[-1] if record.steps else None
        evidence = {
            "why": why,
            "looks": record.looks,
            "steps": len(record.steps),
            "digest": None if step is None else step.digest.hex(),
            "sends": None if step is None else step.sends,
            "sent_at": None if step is None else step.sent_at.isoformat(),
        }
        await self.note(record, f"needs review: {why}", orjson.dumps(evidence))
        return record

    async def note(self, record: Record, why: str, evidence: bytes | None = None) -> None:
        """Add an event; without a ledger it is only a line of the log."""
        try:
            await self._office.journal.note(record.id, why, evidence, self._office.owner)
        except LedgerUnavailable:
            log.warning("event not recorded", extra={"operation": record.id, "why": why})

    async def alarm(self, record: Record, why: str) -> None:
        """Something is not as we promised: an event, and a line of the log that wakes somebody."""
        log.error(
            "operation alarm",
            extra={"operation": record.id, "program": record.program, "why": why},
        )
        await self.note(record, f"ALARM: {why}")

    async def _is_news(self, course: Course, outcome: Done | LoyaltyError) -> bool:
        mine = course.record
        fresh = await self._office.read(mine.id)
        if fresh is None:
            return False
        course.record = fresh
        under_way = len(fresh.steps) == len(mine.steps) and fresh.steps[-1].outcome is None
        if fresh.state in OPEN and under_way:
            return isinstance(outcome, Done) or fresh.steps[-1].sends == mine.steps[-1].sends
        if isinstance(outcome, Done) and not _is_known_done(fresh, len(mine.steps) - 1):
            await self.alarm(fresh, "it was done, as its program said after it had been closed")
        return False

    def _tell(self, course: Course) -> None:
        record = course.record
        if record.state in OPEN:
            self.wake(record)
        if record.state in _CHANGED:
            done = result_of(record).done
            refs = (member_of(course.command), None if done is None else done.member)
            for ref in dict.fromkeys(ref for ref in refs if ref is not None):
                self._office.changed(ref)


def _is_known_done(record: Record, seq: int) -> bool:
    """Whether the step is recorded as done; one without any outcome was closed by a person."""
    recorded = outcome_of(record.steps[seq])
    return record.state is State.CONFIRMED if recorded is None else isinstance(recorded, Done)


def _onto(record: Record, step: StepRecord) -> StepRecord:
    """The step as it is recorded now, with the outcome that is known now."""
    latest = record.steps[-1]
    return replace(latest, outcome=step.outcome)
