"""Settles what is in doubt: whether a write whose answer was lost had its effect.

Absence proves nothing, unless the program's Patience declares a read lag and the fence is over. It
is only called past the fence of the last try: `next_at` of the record says when that is.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from ledger.journal import Change, Overtaken, State, StepRecord
from loyalty.errors import Declined, InvalidInput, OutcomeUnknown, Unavailable
from loyalty.outcomes import Done
from providers.writing import Doubt, Write
from resolvers.courses import Course
from resolvers.driver import Driver
from resolvers.ends import absent, hopeless, missing
from resolvers.office import Office
from resolvers.recording import Recorder
from resolvers.sending import looked, sent
from resolvers.watch import Watch


class Doubts:
    """Tries to settle doubt, one try a call."""

    def __init__(self, office: Office, recorder: Recorder, driver: Driver, watch: Watch) -> None:
        self._office = office
        self._recorder = recorder
        self._driver = driver
        self._watch = watch

    async def settle(self, course: Course) -> None:
        """Try once; the course has the record as it is then."""
        try:
            await self._settle(course, course.under_way)
        except Overtaken:
            course.record = await self._office.read(course.record.id) or course.record

    async def _settle(self, course: Course, write: Write) -> None:
        match write.doubt:
            case Doubt.REPLAY:
                await self._replay(course, write)
            case Doubt.LOOK | Doubt.LOOK_THEN_REPLAY:
                await self._look(course, write)
            case Doubt.NONE:
                await self._nothing_helps(course)

    async def _nothing_helps(self, course: Course) -> None:
        end = hopeless(course)
        if end is None:
            await self._recorder.review(course, "answer lost, and nothing can tell")
        else:
            await self._recorder.change(course, end)

    # ------------------------------------------------------------------ looking

    async def _look(self, course: Course, write: Write) -> None:
        found = await looked(self._office, course, write)
        match found:
            case Done():
                await self._driver.settle(course, found, self._office.clock())
            case None:
                await self._not_there(course, write)
            case OutcomeUnknown():
                await self._later(course, "looked: it may be there, or another")
            case _:
                await self._later(course, f"could not look: {found.code.value}")

    async def _not_there(self, course: Course, write: Write) -> None:
        if write.doubt is Doubt.LOOK_THEN_REPLAY and course.patience.replay_is_safe:
            await self._replay(course, write)
        elif course.patience.read_lag is None:
            await self._later(course, "looked: not there, which proves nothing")
        elif course.is_first:
            end = absent(course, "looked: not there, past the fence")
            watched = replace(end, next_at=self._watch.next_after(self._office.now()))
            await self._recorder.change(course, watched)
        else:
            await self._driver.settle(course, missing(course.program), self._office.clock())

    # ------------------------------------------------------------------ sending again

    async def _replay(self, course: Course, write: Write) -> None:
        if write.until is not None and self._office.now() >= write.until:
            await self._cannot_succeed(course, write)
            return
        before = course.step
        leave_by = self._office.clock() + self._office.pace.seconds(self._office.pace.leave)
        await self._recorder.change(course, self._sending_again(course))
        answer = await sent(self._office, course, write, again=True, leave_by=leave_by)
        match answer:
            case InvalidInput(upstream=None):  # we could not even ask, which refuses nothing
                await self._later(course, "it cannot be sent again", self._unsent(course, before))
            case Done() | Declined() | InvalidInput():
                await self._driver.settle(course, answer, self._office.clock())
            case Unavailable():
                why = f"never left again: {answer.code.value}"
                await self._later(course, why, self._unsent(course, before))
            case _:
                await self._later(course, "sent again, answer lost again")

    async def _cannot_succeed(self, course: Course, write: Write) -> None:
        """Its short-lived code is over: only a look can help, and only by finding it."""
        if write.doubt is Doubt.LOOK_THEN_REPLAY:
            await self._later(course, "looked: not there, and it is too late to send it again")
        else:
            await self._recorder.review(course, "it is too late to send it again")

    def _sending_again(self, course: Course) -> Change:
        step, office = course.step, self._office
        return Change(
            state=State.SENDING,
            why=f"step {step.seq} again: try {step.sends + 1}",
            step=replace(step, sends=step.sends + 1),
            lease_until=office.lease(course.patience),
            next_at=office.fence(course.patience),
        )

    def _unsent(self, course: Course, before: StepRecord) -> StepRecord:
        return replace(course.step, sends=before.sends)

    # ------------------------------------------------------------------ not now

    async def _later(self, course: Course, why: str, step: StepRecord | None = None) -> None:
        """Doubt stays: until the next try, or until a person must look."""
        record, office = course.record, self._office
        review = course.step.sent_at + timedelta(seconds=course.patience.review)
        if office.now() >= review:
            await self._recorder.review(course, why)
            return
        looks = record.looks + 1
        change = Change(
            state=State.IN_DOUBT,
            why=why,
            step=step,
            next_at=self._next(course, office.after(office.delay(looks)), review),
            looks=looks,
        )
        await self._recorder.change(course, change)

    def _next(self, course: Course, wanted: datetime, review: datetime) -> datetime:
        """Never before the fence of the last try, and for the last time when patience ends."""
        fence = course.record.next_at or wanted
        return max(min(wanted, review), fence)
