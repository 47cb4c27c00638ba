"""Begins a mutation: what can be refused is refused here, before anything is recorded."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ledger.journal import (
    OPEN,
    Change,
    DocumentTaken,
    Journal,
    KeyTaken,
    LedgerUnavailable,
    Overtaken,
    Record,
    ReferenceTaken,
    SerialTaken,
    State,
)
from loyalty.commands import (
    AuthorizeRedemption,
    Command,
    LinkMembership,
    PostSale,
)
from loyalty.errors import (
    Declined,
    ErrorCode,
    InvalidInput,
    LoyaltyError,
    RetryAdvice,
    Unavailable,
)
from providers.writing import Finished, Write
from resolvers.callers import Caller
from resolvers.courses import Course, Courses, step_of
from resolvers.driver import busy
from resolvers.ends import finished, unsent, with_the_same_key
from resolvers.keeping import fingerprint, kept
from resolvers.office import Office, ledger_unavailable, new_operation
from resolvers.receipts import Told, member_of, program_of
from resolvers.recording import Recorder
from resolvers.records import receipt_of
from resolvers.refusals import account_of, check_key, conflict, document_of, reference_taken
from resolvers.scripts import operation_of, writer
from resolvers.secrecy import open_part, secret_part
from resolvers.targets import Aim, Targets

_REFERENCES = 3
_SKEW = timedelta(minutes=10)
"""How far clocks of servers may be apart: what ended so long before counts as ended since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A mutation as it was handed in. `ends`: when its client is answered (monotonic)."""

    caller: Caller
    key: str
    command: Command
    trace_id: str
    ends: float

    @property
    def fingerprint(self) -> bytes:
        """What tells this input from another under the same key.

        The right to redeem does not count: it is short-lived, and a repeat may bring a fresh one.
        A one-time code to be authorized is the input itself, so it counts.
        """
        if isinstance(self.command, AuthorizeRedemption | LinkMembership):
            command: Command = self.command
        else:
            command = open_part(self.command)
        salt = f"{self.caller.scope}/{self.key}"
        return fingerprint(operation_of(self.command).value, command, salt)


@dataclass(frozen=True, slots=True)
class Begun:
    """An operation recorded as SENDING: it may leave until `leave_by`."""

    course: Course
    leave_by: float


@dataclass(frozen=True, slots=True)
class Known:
    """An operation that is there: `replayed` if it was before, else it has ended at once."""

    record: Record
    replayed: bool


Opened = Begun | Known | Told
"""What came of opening; Told where nothing was recorded."""


class Opening:
    """Opens operations, and opens those again that were never sent."""

    def __init__(
        self, office: Office, recorder: Recorder, targets: Targets, courses: Courses
    ) -> None:
        self._office = office
        self._recorder = recorder
        self._targets = targets
        self._courses = courses

    @property
    def _journal(self) -> Journal:
        return self._office.journal

    async def open(self, asked: Asked) -> Opened:
        """Begin it, or find that it is there. Raises LoyaltyError and LedgerUnavailable."""
        check_key(asked.key)
        await self._office.time.keep(self._journal)
        tries = 0
        while True:
            record, refused = await self._look(asked)
            known = None if record is None else _known(asked, record)
            if known is not None:
                return known
            try:
                return await self._begin(asked, record, refused)
            except (KeyTaken, Overtaken):
                pass  # the next look tells whose it is
            except LoyaltyError as error:
                await self._check_again(asked, record, error)
            except DocumentTaken as taken:
                return self._duplicate(asked, taken.record)
            except (SerialTaken, ReferenceTaken) as taken:
                await self._wait(asked, tries, taken)
            tries += 1

    async def _look(self, asked: Asked) -> tuple[Record | None, int]:
        """The key's operation, and how many with its document were refused, each with its name."""
        command = asked.command
        try:
            document = document_of(command)
        except InvalidInput:
            document = None  # is refused in its turn, unless the key is known
        program, kind = program_of(command), operation_of(command).value
        return await self._journal.look(asked.caller.scope, asked.key, program, kind, document)

    async def _check_again(self, asked: Asked, record: Record | None, error: LoyaltyError) -> None:
        """Raise the error, unless another server has recorded the key since it was looked up.

        What that one did may be the very reason of the error.
        """
        found = await self._journal.find(asked.caller.scope, asked.key)
        if found is None or (record is not None and found.rev == record.rev):
            raise with_the_same_key(error) if isinstance(error, Unavailable) else error

    async def _wait(self, asked: Asked, tries: int, taken: Exception) -> None:
        """Before the next attempt; raises what is told when there is none."""
        if isinstance(taken, ReferenceTaken) and tries >= _REFERENCES:
            raise reference_taken(asked.command)
        wait = self._office.backoff(tries)
        if self._office.clock() + wait >= asked.ends:
            raise busy(program_of(asked.command))
        await self._office.clocks.sleep(wait)

    # ------------------------------------------------------------------ one attempt

    async def _begin(self, asked: Asked, unsent_before: Record | None, refused: int) -> Opened:
        account = account_of(self._office, asked.command)
        writes = writer(account, asked.command)
        own = None if unsent_before is None else unsent_before.id
        aim = await self._targets.aim(asked.command, self._office.now(), own)
        if unsent_before is None:
            record = self._record(asked, aim, refused)
        else:
            record = replace(unsent_before, tries=refused)
        course = Course(
            record=record,
            command=aim.command,
            account=account,
            writes=writes,
            patience=self._office.pace.patience(writes.patience),
            target=aim.target,
            ticket=self._courses.ticket(record),
        )
        asked_at = self._office.now()
        following = await course.ask(course.job())
        if self._office.clock() >= asked.ends:
            raise Unavailable("the program did not answer in time", code=ErrorCode.PROVIDER_TIMEOUT)
        if isinstance(following, Finished):
            return await self._finished(course, following, reopened=own is not None)
        begun = await self._recorded(asked, course, following, reopened=own is not None)
        return await self._afresh(course, begun, asked_at) if isinstance(begun, Begun) else begun

    def _record(self, asked: Asked, aim: Aim, refused: int) -> Record:
        """The operation as it would be recorded, without its first step."""
        office, command = self._office, aim.command
        kind, program = operation_of(command).value, program_of(command)
        document, member = document_of(command), member_of(command)
        now = office.now()
        return Record(
            id=new_operation(now),
            scope=asked.caller.scope,
            key=asked.key,
            fingerprint=asked.fingerprint,
            kind=kind,
            program=program,
            member=None if member is None else member.key,
            document=document,
            target=aim.operation,
            state=State.READY,
            created_at=now,
            owner=office.owner,
            tries=refused,
            command=kept(open_part(command)),
            secret=secret_part(command),
            trace_id=asked.trace_id,
        )

    async def _recorded(
        self, asked: Asked, course: Course, write: Write, *, reopened: bool
    ) -> Begun | Known:
        """One commit: the operation, with the bytes that are about to leave."""
        office = self._office
        leave_by = office.clock() + office.pace.seconds(office.pace.leave)
        step = step_of(course, write, office.now())
        lease, fence = office.lease(course.patience), office.fence(course.patience)
        if reopened:
            change = Change(
                state=State.SENDING,
                why="asked again",
                step=step,
                lease_until=lease,
                next_at=fence,
                looks=0,
                tries=course.record.tries,
                secret=secret_part(asked.command),
                reopen=True,
            )
            course.record = await self._journal.change(course.record, change)
        else:
            sending = replace(
                course.record,
                state=State.SENDING,
                steps=(step,),
                lease_until=lease,
                next_at=fence,
            )
            course.record = await self._journal.open(sending)
        office.fenced(course.record)
        course.write = write
        refusal = await self._refusal(asked, course)
        if refusal is None:
            return Begun(course, leave_by)
        await self._recorder.change(course, unsent(course, refusal))
        return Known(course.record, replayed=False)

    async def _refusal(self, asked: Asked, course: Course) -> LoyaltyError | None:
        """Whether somebody else was faster with what this operation is about.

        Of two that are recorded at the same time each sees the other here, before either is sent.
        """
        command = course.command
        refers = isinstance(command, PostSale) and (
            command.redemptions or any(line.returns for line in command.lines)
        )
        if course.record.target is None and not refers:
            return None
        try:
            await self._targets.aim(asked.command, self._office.now(), course.record.id)
        except LedgerUnavailable:
            return ledger_unavailable()
        except LoyaltyError as error:
            return error
        return None

    async def _afresh(self, course: Course, begun: Begun, asked_at: datetime) -> Begun | Known:
        """Ask the script again where what it read before may be old.

        A change with the same serial may have come in after the script read what there is, and
        before this one was recorded. From then on the serial is ours, so that once more is enough.
        """
        write = course.under_way
        try:
            if write.serial is None or not await self._journal.served(
                course.program, write.serial, course.record.id, asked_at - _SKEW
            ):
                return begun
            following = await course.ask(course.job())
            if isinstance(following, Finished) or following.serial != write.serial:
                raise busy(course.program)
            return begun if following == write else await self._replaced(course, following)
        except LedgerUnavailable:
            refusal: LoyaltyError = ledger_unavailable()
        except (SerialTaken, ReferenceTaken):
            refusal = busy(course.program)
        except LoyaltyError as error:
            refusal = error
        await self._recorder.change(course, unsent(course, refusal))
        return Known(course.record, replayed=False)

    async def _replaced(self, course: Course, write: Write) -> Begun:
        """Record another step than the one that was recorded just now, and never sent."""
        office = self._office
        leave_by = office.clock() + office.pace.seconds(office.pace.leave)
        change = Change(
            state=State.SENDING,
            why="asked again: another change like it was made meanwhile",
            step=step_of(course, write, office.now()),
            lease_until=office.lease(course.patience),
            next_at=office.fence(course.patience),
        )
        await self._recorder.change(course, change)
        course.write = write
        return Begun(course, leave_by)

    async def _finished(self, course: Course, end: Finished, *, reopened: bool) -> Opened:
        """Nothing is to be sent: a refusal is not recorded, and what is so already is."""
        if end.done is None and end.error is not None:
            raise end.error
        change = finished(course, end, None, self._office.now())
        if not reopened:
            ready = replace(course.record, lease_until=self._office.work_lease())
            course.record = await self._journal.open(ready)
        await self._recorder.change(course, replace(change, reopen=reopened))
        return Known(course.record, replayed=False)

    def _duplicate(self, asked: Asked, taken: Record) -> Told:
        """Another key has the document; its receipt is shown to its own principal only."""
        own = taken.scope == asked.caller.scope
        receipt = receipt_of(taken, self._office.now(), replayed=True) if own else None
        error = Declined(
            "this document was handed in before, under another key",
            code=ErrorCode.DUPLICATE,
            field=("input", "document", "id"),
            retry=RetryAdvice.CHECK_OPERATION if taken.state in OPEN else RetryAdvice.NEVER,
            program=taken.program,
        )
        return Told(receipt, (error,))


def _known(asked: Asked, record: Record) -> Known | Told | None:
    """What a key stands for already; None if its operation may be opened again.

    One that is erased (`loyalty-graph forget`) has nothing left to compare an input with.
    """
    if not record.fingerprint:
        return Known(record, replayed=True)
    if record.fingerprint != asked.fingerprint:
        return Told(None, (conflict(),))
    return None if record.state is State.UNSENT else Known(record, replayed=True)
