"""Settling by hand: what an operator's verdict on an operation under review records.

The verdict is the operator's, after a look at the program itself; nothing is sent. A client that
asks again is told it as if a machine had found out.
"""

from dataclasses import replace
from datetime import datetime

from ledger.journal import Change, Journal, Record, State
from loyalty.commands import (
    CaptureRedemption,
    Command,
    RedeemPoints,
    RedeemVoucher,
    VoidRedemption,
)
from loyalty.errors import Declined, RetryAdvice
from loyalty.outcomes import Done, RedemptionStatus
from loyalty.refs import MemberRef
from resolvers.linking import links_of
from resolvers.records import Result, command_of, kept_result, result_of

VERDICTS = (State.CONFIRMED, State.FAILED, State.COMPENSATED)
"""What an operator may find: it happened, it did not, or it was taken back."""


class NotUnderReview(Exception):
    """Only an operation that no machine can settle is settled by hand."""


async def settle(
    journal: Journal, record: Record, verdict: State, reason: str, *, operator: str, now: datetime
) -> Record:
    """Record the verdict. Raises NotUnderReview, Overtaken, LinkRefused, LedgerUnavailable."""
    if record.state is not State.NEEDS_REVIEW or verdict not in VERDICTS:
        raise NotUnderReview(record.state.value)
    command = command_of(record)
    change = Change(
        state=verdict,
        why=reason,
        result=kept_result(_result(record, command, verdict)),
        final=True,
        actor=f"operator:{operator}",
    )
    if verdict is State.CONFIRMED and command is not None:
        change = replace(change, links=links_of(command, record, now))
    return await journal.change(record, change)


def _result(record: Record, command: Command | None, verdict: State) -> Result:
    if verdict is State.CONFIRMED:
        known = result_of(record).done
        return Result(known or _done(record, command))
    if verdict is State.FAILED:
        told = "a person looked: it was not done; ask for it anew, with a new key"
    else:
        told = "a person looked: it was done and taken back; ask for it anew, with a new key"
    return Result(errors=(Declined(told, retry=RetryAdvice.AFTER_CHANGE, program=record.program),))


def _done(record: Record, command: Command | None) -> Done:
    """What follows from the input alone; what only the program knows stays unknown."""
    member = None if record.member is None else MemberRef(record.program, record.member)
    done = Done(member=member)
    match command:
        case RedeemPoints(hold=True):
            return replace(done, redemption=RedemptionStatus.HELD, points=command.points)
        case RedeemPoints():
            return replace(done, redemption=RedemptionStatus.CAPTURED, points=command.points)
        case RedeemVoucher():
            return replace(done, redemption=RedemptionStatus.CAPTURED, voucher=command.voucher)
        case CaptureRedemption():
            return replace(done, redemption=RedemptionStatus.CAPTURED)
        case VoidRedemption():
            return replace(done, redemption=RedemptionStatus.VOIDED)
        case _:
            return done
