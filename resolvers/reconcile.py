"""Settles what was left open, and watches what failed for want of an effect.

In the background of a server, or once from the command line.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ledger.journal import Change, LedgerUnavailable, Overtaken, Record, State
from loyalty.operations import Operation
from resolvers.courses import Course, Lost
from resolvers.desk import Desk
from resolvers.office import Office

log = logging.getLogger("loyalty_graph.reconcile")

_AT_ONCE = 32
"""Operations that are claimed at once; their leases must outlast their waiting for a turn."""
_A_PROGRAM = 4
_LATE = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What one try made of an open operation. `why` is the word of its history, free of persons."""

    operation: str
    program: str
    kind: Operation
    before: State
    after: State
    why: str


class Resolver:
    """Takes over operations that are due: doubts, and what a dead process left behind."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._woken = asyncio.Event()
        self._until = 0.0
        self._is_away = False
        self._busy: Counter[str] = Counter()
        self._working: set[asyncio.Task[Settlement | None]] = set()
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(_A_PROGRAM)
        )
        desk.recorder.wake = self._wake

    @property
    def _office(self) -> Office:
        return self._desk.office

    # ------------------------------------------------------------------ in the background

    async def run(self) -> None:
        """Settle for ever, until it is cancelled; what is under way then is left to recovery.

        A program whose turns are taken is asked for no more, so that one which is slow, or has a
        long backlog, is in nobody's way.
        """
        try:
            while True:
                poll = self._office.pace.seconds(self._office.pace.poll)
                self._until = self._office.clock() + poll
                for record in await self._claimed():
                    self._begin(record)
                await self._idle()
        finally:
            for task in self._working:
                task.cancel()
            await asyncio.gather(*self._working, return_exceptions=True)

    def _begin(self, record: Record) -> None:
        self._busy[record.program] += 1
        task = asyncio.create_task(self._taken_over(record))
        self._working.add(task)
        task.add_done_callback(lambda done: self._ended(record.program, done))

    def _ended(self, program: str, task: "asyncio.Task[Settlement | None]") -> None:
        self._working.discard(task)
        self._busy[program] -= 1
        if self._busy[program] == _A_PROGRAM - 1 and not task.cancelled():
            self._until = 0.0
            self._woken.set()

    async def _idle(self) -> None:
        """Until the journal is to be asked again, or something left here is due before."""
        while (left := self._until - self._office.clock()) > 0:
            self._woken.clear()
            try:
                async with asyncio.timeout(left):
                    await self._woken.wait()
            except TimeoutError:
                return

    def _wake(self, record: Record) -> None:
        """The desk has left something for later: ask the journal when it is due."""
        if record.lease_until is not None:
            return
        wait = 0.0
        if record.next_at is not None:
            wait = max(0.0, (record.next_at - self._office.now()).total_seconds()) + _LATE
        due = self._office.clock() + wait
        if due < self._until:
            self._until = due
            self._woken.set()

    # ------------------------------------------------------------------ once

    async def once(self) -> AsyncIterator[Settlement]:
        """Try everything that is due, until nothing is; tells of each as soon as it is known.

        Raises LedgerUnavailable.
        """
        while claimed := await self._claim():
            for settled in asyncio.as_completed([self._taken_over(r) for r in claimed]):
                settlement = await settled
                if settlement is not None:
                    yield settlement

    # ------------------------------------------------------------------ taking over

    async def _claimed(self) -> Sequence[Record]:
        """What is due; an outage of the ledger is told once, however often it is asked."""
        busy = [program for program, under_way in self._busy.items() if under_way >= _A_PROGRAM]
        try:
            claimed = await self._claim(busy)
        except LedgerUnavailable:
            if not self._is_away:
                log.warning("ledger unavailable")
            self._is_away = True
            return ()
        except Exception:  # without this loop nothing would ever be settled
            log.exception("defect while claiming")
            return ()
        self._is_away = False
        return claimed

    async def _claim(self, without: Sequence[str] = ()) -> Sequence[Record]:
        office = self._office
        await office.time.keep(office.journal)
        return await office.journal.claim(
            office.owner, office.now(), office.work_lease(), _AT_ONCE, without
        )

    async def _taken_over(self, record: Record) -> Settlement | None:
        """One operation, one try.

        None: somebody else has it, the ledger is away, or it had ended and is only watched.
        """
        async with self._turns[record.program]:
            is_mine = record.lease_until is not None and self._office.now() < record.lease_until
            if self._desk.runs(record.id) or not is_mine or self._office.is_fenced(record.id):
                return None
            try:
                after = await self._tried(record)
            except (LedgerUnavailable, Overtaken):
                return None
        return None if record.state is State.FAILED else await self._settlement(record, after)

    async def _tried(self, record: Record) -> Record:
        course: Course | None = None
        try:
            course = await self._desk.courses.resume(record)
            await self._carry_on(course)
        except (LedgerUnavailable, Overtaken):
            raise
        except Lost as lost:
            if record.state is State.FAILED:
                return await self._desk.watch.give_up(record, str(lost))
            await self._desk.recorder.alarm(record, f"it cannot be carried on: {lost}")
            return await self._shelved(record)
        except Exception:
            log.exception("defect while settling", extra={"operation": record.id})
            return await self._shelved(record if course is None else course.record)
        return course.record

    async def _carry_on(self, course: Course) -> None:
        if course.state is State.FAILED:
            await self._desk.watch.look(course)
            return
        if course.state is State.READY:
            await self._desk.driver.go_on(course, self._office.clock())
            return
        if course.state is State.SENDING:
            change = Change(
                state=State.IN_DOUBT,
                why="whoever sent it is gone",
                lease_until=course.record.lease_until,
            )
            await self._desk.recorder.change(course, change)
        await self._desk.doubts.settle(course)

    async def _shelved(self, record: Record) -> Record:
        """Put aside for a while what we cannot handle; in the end a person must.

        What has ended stays as it was told, and is only watched no more.
        """
        office = self._office
        if record.state is State.FAILED:
            return await self._desk.watch.give_up(record, "a defect")
        patience = timedelta(seconds=office.pace.seconds(office.pace.review))
        if office.now() >= record.created_at + patience:
            return await self._desk.recorder.handed_over(record, "nothing here can carry it on")
        state = State.IN_DOUBT if record.state is State.SENDING else record.state
        later = office.after(office.pace.seconds(office.pace.slow))
        return await office.commit(
            record, Change(state=state, why="put aside after a defect", next_at=later)
        )

    async def _settlement(self, before: Record, after: Record) -> Settlement:
        try:
            events = await self._office.journal.events(after.id)
        except LedgerUnavailable:
            events = ()
        changes = [event.why for event in events if event.after is after.state]
        return Settlement(
            operation=after.id,
            program=after.program,
            kind=Operation(after.kind),
            before=before.state,
            after=after.state,
            why=changes[-1] if changes else "",
        )
