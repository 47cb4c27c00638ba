"""Asks anew for what was told and is over, where asking twice changes nothing: upload addresses."""

from dataclasses import replace

from ledger.journal import Change, LedgerUnavailable, Overtaken, Record, State
from loyalty.commands import Command, RequestReceiptUploads
from loyalty.errors import LoyaltyError, Unavailable
from loyalty.outcomes import Caution, CautionCode, Done
from providers.writing import Write
from resolvers.courses import Course, Courses
from resolvers.office import Office
from resolvers.receipts import Told
from resolvers.scripts import writer
from resolvers.secrecy import parted
from resolvers.sending import sent


def is_over(record: Record, command: Command, office: Office) -> bool:
    """Whether the operation told addresses that nobody may use any more."""
    return (
        isinstance(command, RequestReceiptUploads)
        and record.state is State.CONFIRMED
        and record.secret_until is not None
        and office.now() >= record.secret_until
    )


async def renewed(office: Office, courses: Courses, record: Record, command: Command) -> Record:
    """The record with fresh addresses; raises LoyaltyError where there are none now."""
    account = office.accounts.get(record.program)
    if account is None:
        msg = "the program is not configured any more"
        raise Unavailable(msg, program=record.program)
    writes = writer(account, command)
    course = Course(
        record=record,
        command=command,
        account=account,
        writes=writes,
        patience=office.pace.patience(writes.patience),
        target=None,
        ticket=courses.ticket(record),
    )
    write = await course.ask(course.job())
    if not isinstance(write, Write):
        return record
    await office.journal.note(record.id, "addresses are asked for anew", None, office.owner)
    leave_by = office.clock() + office.pace.seconds(office.pace.leave)
    answer = await sent(office, course, write, again=True, leave_by=leave_by)
    if isinstance(answer, LoyaltyError):
        raise answer
    return await _recorded(office, record, answer)


def not_renewed(told: Told, error: LoyaltyError | LedgerUnavailable) -> Told:
    """What is told where there are no fresh addresses: it was done, and what it brought is over."""
    receipt = told.receipt
    if receipt is None or receipt.done is None:
        return told
    why = error.message if isinstance(error, LoyaltyError) else "the ledger cannot be used"
    caution = Caution(
        CautionCode.OTHER,
        f"the addresses are over, and there are no fresh ones now ({why}); "
        "repeat this later with the same key",
    )
    done = replace(receipt.done, uploads=None)
    receipt = replace(receipt, done=done, cautions=(*receipt.cautions, caution))
    return Told(receipt, told.errors)


async def _recorded(office: Office, record: Record, done: Done) -> Record:
    apart = parted(done, office.now())
    change = Change(
        state=record.state,
        why="addresses were told anew",
        result_secret=apart.secret,
        secret_until=apart.until,
        final=True,
    )
    try:
        return await office.journal.change(record, change)
    except (Overtaken, LedgerUnavailable):
        return replace(record, result_secret=apart.secret, secret_until=apart.until)
