"""One operation on its course: what is known of it in memory while it is driven.

A course is only as good as its record: whoever changes the record without it has overtaken it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from ledger.journal import Record, State, StepRecord
from loyalty.commands import Command
from loyalty.errors import LoyaltyError
from providers.write_abilities import Writes
from providers.writing import Job, Next, Patience, Step, Ticket, Write
from resolvers.accounts import Account
from resolvers.keeping import Unreadable, kept
from resolvers.numbers import Numbers
from resolvers.office import Office
from resolvers.records import step_under_way, steps_over, whole_command, write_of
from resolvers.scripts import Target, next_step, writer
from resolvers.targets import Targets


@dataclass(slots=True)
class Course:
    """An operation, with everything that its script is asked with.

    `steps` are over; `write` is the step that is not, and `again` whether its bytes may have
    arrived before.
    """

    record: Record
    command: Command
    account: Account
    writes: Writes
    patience: Patience
    target: Target
    ticket: Ticket
    steps: tuple[Step, ...] = ()
    write: Write | None = None

    @property
    def program(self) -> str:
        """The program's key."""
        return self.record.program

    @property
    def state(self) -> State:
        """Where the record is."""
        return self.record.state

    @property
    def step(self) -> StepRecord:
        """The latest step as it is recorded."""
        return self.record.steps[-1]

    @property
    def is_first(self) -> bool:
        """Whether nothing has been done yet by this operation."""
        return not self.steps

    @property
    def under_way(self) -> Write:
        """The step that is not over."""
        if self.write is None:
            msg = "no step is under way"
            raise RuntimeError(msg)
        return self.write

    def job(self, *more: Step) -> Job[Command, Target]:
        """What the script is asked with, after the steps that are over and these."""
        return Job(
            command=self.command,
            target=self.target,
            ticket=self.ticket,
            steps=(*self.steps, *more),
        )

    async def ask(self, job: Job[Command, Target]) -> Next:
        """Ask the script what comes next."""
        return await self.account.ask(lambda: next_step(self.account, job))


class Lost(Exception):
    """An operation that cannot be driven here: its program, its command or a step is not known."""


class Courses:
    """Finds the course of an operation that somebody else began."""

    def __init__(self, office: Office, targets: Targets, numbers: Numbers) -> None:
        self._office = office
        self._targets = targets
        self._numbers = numbers

    def ticket(self, record: Record) -> Ticket:
        """What the ledger lends an operation."""
        return Ticket(
            operation=record.id,
            began_at=record.created_at,
            tries=record.tries,
            number=lambda counter, most: self._numbers.next(record.program, counter, most),
        )

    async def resume(self, record: Record) -> Course:
        """The course of a record as the ledger knows it. Raises Lost, and LedgerUnavailable."""
        try:
            return await self._resumed(record)
        except (Unreadable, LoyaltyError) as error:
            raise Lost(type(error).__name__) from None

    async def _resumed(self, record: Record) -> Course:
        account = self._office.accounts.get(record.program)
        command = whole_command(record)
        if account is None or command is None:
            msg = "no such program" if account is None else "no command"
            raise Lost(msg)
        writes = writer(account, command)
        under_way = step_under_way(record)
        write = None if under_way is None else write_of(under_way)
        steps = steps_over(record)
        if len(steps) + (write is not None) != len(record.steps):
            msg = "a step was blanked"
            raise Lost(msg)
        aim = await self._targets.again(command, record.target, self._office.now(), record.id)
        return Course(
            record=record,
            command=aim.command,
            account=account,
            writes=writes,
            patience=self._office.pace.patience(writes.patience),
            target=aim.target,
            ticket=self.ticket(record),
            steps=steps,
            write=write,
        )


def step_of(course: Course, write: Write, now: datetime) -> StepRecord:
    """A step about to be sent, as it is recorded.

    What undoes or continues an operation is never under way twice, whatever its adapter says.
    """
    request = kept(write)
    about = course.record.target
    return StepRecord(
        seq=len(course.steps),
        name=write.name,
        digest=hashlib.sha256(request).digest(),
        request=request,
        reference=write.reference,
        serial=write.serial or (None if about is None else f"about:{about}"),
        sent_at=now,
    )
