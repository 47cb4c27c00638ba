"""Drives an operation whose next move is known: send, record, ask the script, until it ends.

What is in doubt is left to `doubts`. Whoever is overtaken stops, and nothing is sent before its
record is durable. A cancellation (a stop of the process) leaves the record as it is: recovery
takes it from there.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta

from ledger.journal import Change, Overtaken, ReferenceTaken, SerialTaken, State, StepRecord
from loyalty.errors import Declined, ErrorCode, InvalidInput, LoyaltyError, Unavailable
from loyalty.outcomes import Done
from providers.writing import Doubt, Finished, Next, Step, Write
from resolvers.courses import Course, step_of
from resolvers.ends import finished, hopeless, refused, unsent
from resolvers.keeping import kept
from resolvers.office import Office
from resolvers.recording import Recorder
from resolvers.sending import sent


class Driver:
    """Carries operations on.

    `ends` is everywhere the moment of the monotonic clock until which a client waits, so that
    what never left is tried again; nothing else stops then.
    """

    def __init__(self, office: Office, recorder: Recorder) -> None:
        self._office = office
        self._recorder = recorder

    async def send(self, course: Course, leave_by: float, ends: float) -> None:
        """Send the step that was recorded just now, and carry on."""
        await self._until_overtaken(course, self._send(course, leave_by, ends))

    async def go_on(self, course: Course, ends: float) -> None:
        """Carry on an operation that is READY."""
        if course.write is None:
            await self._until_overtaken(course, self._ask(course, ends))
        else:
            await self._until_overtaken(course, self._leave(course, course.write, ends))

    async def settle(self, course: Course, outcome: Done | LoyaltyError, ends: float) -> None:
        """What became of a step is known, however it came to be known: record it, carry on."""
        await self._until_overtaken(course, self._over(course, outcome, ends))

    async def _until_overtaken(self, course: Course, work: Awaitable[None]) -> None:
        try:
            await work
        except Overtaken:
            course.record = await self._office.read(course.record.id) or course.record

    # ------------------------------------------------------------------ sending

    async def _leave(self, course: Course, write: Write, ends: float) -> None:
        leave_by = await self._to_sending(course, write, ends)
        if leave_by is not None:
            await self._send(course, leave_by, ends)

    async def _send(self, course: Course, leave_by: float, ends: float) -> None:
        """Send the step under way until it left, or may have."""
        write, tries = course.under_way, 0
        while True:
            answer = await sent(self._office, course, write, again=False, leave_by=leave_by)
            match answer:
                case Done() | Declined() | InvalidInput():
                    await self._over(course, answer, ends)
                    return
                case Unavailable():
                    pass
                case _:
                    await self._in_doubt(course, write)
                    return
            wait = self._wait(answer, tries)
            if self._office.clock() + wait >= ends or self._is_too_late(write):
                await self._give_up(course, answer)
                return
            await self._back_to_ready(course, answer)
            await self._office.clocks.sleep(wait)
            again = await self._to_sending(course, write, ends)
            if again is None:
                return
            leave_by, tries = again, tries + 1

    async def _in_doubt(self, course: Course, write: Write) -> None:
        """The answer was lost; when to look was recorded with the step."""
        if write.doubt is not Doubt.NONE:
            change = Change(state=State.IN_DOUBT, why="answer lost")
            await self._recorder.change(course, change)
        elif (end := hopeless(course)) is not None:
            await self._recorder.change(course, end)
        else:
            await self._recorder.review(course, "answer lost, and nothing can tell")

    async def _back_to_ready(self, course: Course, error: Unavailable) -> None:
        change = Change(
            state=State.READY,
            why=f"never left: {error.code.value}",
            step=replace(course.step, sends=0),
            lease_until=self._office.work_lease(),
        )
        await self._recorder.change(course, change)

    async def _to_sending(self, course: Course, write: Write, ends: float) -> float | None:
        """Record that a step is about to leave; until when it may. None: it may not."""
        tries = 0
        while True:
            leave_by = self._office.clock() + self._office.pace.seconds(self._office.pace.leave)
            try:
                await self._recorder.change(course, self._sending(course, write))
            except SerialTaken:
                wait, tries = self._office.backoff(tries), tries + 1
                if self._office.clock() + wait >= ends:
                    await self._give_up(course, busy(course.program))
                    return None
                await self._office.clocks.sleep(wait)
            except ReferenceTaken:
                await self._recorder.review(course, "the reference of a later step is taken")
                return None
            else:
                course.write = write
                return leave_by

    def _sending(self, course: Course, write: Write) -> Change:
        office = self._office
        step = step_of(course, write, office.now())
        known = len(course.record.steps) > step.seq
        return Change(
            state=State.SENDING,
            why=f"step {step.seq}: {write.name}",
            step=replace(course.step, sends=1, sent_at=step.sent_at) if known else step,
            lease_until=office.lease(course.patience),
            next_at=office.fence(course.patience),
            looks=None if known else 0,
        )

    # ------------------------------------------------------------------ giving up for now

    async def _give_up(self, course: Course, error: LoyaltyError) -> None:
        """Nothing left, and nobody waits: the end of a first step, later for others."""
        if course.is_first:
            await self._recorder.change(course, unsent(course, error))
            return
        unsent_step = course.write is not None and len(course.record.steps) > len(course.steps)
        step = replace(course.step, sends=0) if unsent_step else None
        await self._postpone(course, f"never left: {error.code.value}", step)

    async def _postpone(self, course: Course, why: str, step: StepRecord | None) -> None:
        """A later step waits for its program, until a person must look."""
        record, office = course.record, self._office
        if office.now() >= record.created_at + timedelta(seconds=course.patience.review):
            await self._recorder.review(course, why)
            return
        looks = record.looks + 1
        change = Change(
            state=State.READY,
            why=why,
            step=step,
            next_at=office.after(office.delay(looks)),
            looks=looks,
        )
        await self._recorder.change(course, change)

    # ------------------------------------------------------------------ what comes next

    async def _over(self, course: Course, outcome: Done | LoyaltyError, ends: float) -> None:
        """A step is over. One that ends the operation is recorded with that end, in one commit."""
        if course.is_first and isinstance(outcome, LoyaltyError):
            await self._recorder.outcome(course, refused(course, outcome), outcome)
            return
        over = Step(course.under_way, outcome)
        thinking = asyncio.ensure_future(course.ask(course.job(over)))
        try:
            await asyncio.wait(
                {thinking}, timeout=self._office.pace.seconds(self._office.pace.script)
            )
            following = _answer(thinking)
            if isinstance(following, Finished):
                change = finished(course, following, outcome, self._office.now())
                await self._recorder.outcome(course, change, outcome)
            elif await self._step_recorded(course, over):
                await self._follow(course, thinking, ends)
        finally:
            thinking.cancel()

    async def _step_recorded(self, course: Course, over: Step) -> bool:
        """Make a step's outcome durable before anything else happens."""
        change = Change(
            state=State.READY,
            why=f"step {course.step.seq} is over",
            step=replace(course.step, outcome=kept(over.outcome)),
            lease_until=self._office.work_lease(),
            looks=0,
        )
        if not await self._recorder.outcome(course, change, over.outcome):
            return False
        course.steps, course.write = (*course.steps, over), None
        return True

    async def _ask(self, course: Course, ends: float) -> None:
        thinking = asyncio.ensure_future(course.ask(course.job()))
        try:
            await self._follow(course, thinking, ends)
        finally:
            thinking.cancel()

    async def _follow(self, course: Course, thinking: "asyncio.Future[Next]", ends: float) -> None:
        """Do as the script says, which may take a while to answer, or cannot answer now."""
        tries = 0
        while True:
            try:
                following = await thinking
                break
            except LoyaltyError as error:
                wait, tries = self._wait(error, tries), tries + 1
                if self._office.clock() + wait >= ends:
                    await self._give_up(course, error)
                    return
            await self._office.clocks.sleep(wait)
            thinking = asyncio.ensure_future(course.ask(course.job()))
        if isinstance(following, Finished):
            last = course.steps[-1].outcome if course.steps else None
            change = finished(course, following, last, self._office.now())
            await self._recorder.change(course, change)
        else:
            await self._leave(course, following, ends)

    def _wait(self, error: LoyaltyError, tries: int) -> float:
        """Seconds before the next try; longer where the program asks for it."""
        asked = error.retry_after if isinstance(error, Unavailable) else None
        return max(self._office.backoff(tries), asked or 0.0)

    def _is_too_late(self, write: Write) -> bool:
        return write.until is not None and self._office.now() >= write.until


def _answer(thinking: "asyncio.Future[Next]") -> Next | None:
    """What the script said, if it has."""
    if not thinking.done() or thinking.exception() is not None:
        return None
    return thinking.result()


def busy(program: str) -> Unavailable:
    """Another change that could not be told from this one is under way."""
    return Unavailable(
        "another change like this one is being settled; try again once it is",
        code=ErrorCode.OVERLOADED,
        program=program,
    )
