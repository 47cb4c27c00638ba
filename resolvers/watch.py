"""Looks again for what failed because nothing was found: a hit is an alarm, and changes nothing.

It is a watch on our own assumptions (read lag, processing time). When to look next is kept with the
operation (`next_at`), so that whoever comes after a restart, here or elsewhere, looks.
"""

from datetime import datetime, timedelta

from ledger.journal import Change, Record, State
from loyalty.outcomes import Done
from resolvers.courses import Course
from resolvers.office import Office
from resolvers.recording import Recorder
from resolvers.sending import looked


class Watch:
    """The late-effect watch."""

    def __init__(self, office: Office, recorder: Recorder) -> None:
        self._office = office
        self._recorder = recorder

    def next_after(self, failed_at: datetime) -> datetime | None:
        """When to look next for what failed then; None: it has been watched long enough."""
        pace = self._office.pace
        moments = (failed_at + timedelta(seconds=pace.seconds(each)) for each in pace.watch)
        return next((moment for moment in moments if moment > self._office.now()), None)

    async def look(self, course: Course) -> None:
        """Look once for an operation that was found absent; raises Overtaken."""
        record = course.record
        found = await looked(self._office, course, course.steps[-1].write)
        if isinstance(found, Done):
            why = "an effect of it appeared after it had been told to have failed"
            await self._recorder.alarm(record, why)
            await self._recorder.change(course, Change(state=State.FAILED, why="watched: it came"))
            return
        told = "nothing came" if found is None else f"could not look: {found.code.value}"
        next_at = self.next_after(record.finished_at or record.created_at)
        change = Change(
            state=State.FAILED, why=f"watched: {told}", next_at=next_at, final=next_at is None
        )
        await self._recorder.change(course, change)

    async def give_up(self, record: Record, why: str) -> Record:
        """Watch no more what cannot be looked for; raises Overtaken."""
        return await self._office.commit(
            record, Change(state=State.FAILED, why=f"watched no more: {why}", final=True)
        )
