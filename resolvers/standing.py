"""What became of an operation since: sales with their returns and voids, redemptions with theirs.

Only what is CONFIRMED counts as done; what is under way or under review makes a `hurdle`: the error
for whoever wants to undo or continue the operation now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.journal import LIVE, OPEN, Journal, Record, State
from loyalty.commands import (
    AdjustPoints,
    ClaimVoucher,
    PostSale,
    RedeemPoints,
    RedeemVoucher,
    ReturnSale,
)
from loyalty.errors import Declined, ErrorCode, RetryAdvice
from loyalty.operations import Operation
from loyalty.outcomes import Done, Posted, Redeemed, RedemptionStatus, Undone
from resolvers.records import command_of, result_of

GONE = frozenset(State) - LIVE | {State.COMPENSATED}
"""States of operations that changed nothing in the end."""

SALES = (Operation.TRANSACTION_POST.value, Operation.POINTS_ADJUST.value)
_VOUCHER = Operation.VOUCHER_REDEEM.value
_REDEMPTIONS = (
    Operation.POINTS_REDEEM.value,
    _VOUCHER,
    Operation.VOUCHER_CLAIM.value,
)
_VOID = Operation.TRANSACTION_VOID.value
_RETURN = Operation.TRANSACTION_RETURN.value


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale of ours, and what stands in the way of undoing it now."""

    posted: Posted
    hurdle: Declined | None


@dataclass(frozen=True, slots=True)
class Holding:
    """A redemption of ours, and what stands in the way of going on with it now."""

    redeemed: Redeemed
    hurdle: Declined | None


async def sale(journal: Journal, record: Record, own: str | None = None) -> Sale | None:
    """What became of a sale; None where the record is no sale, or nothing came of it.

    `own` is an operation that does not count, as it is the one that asks.
    """
    if record.kind not in SALES:
        return None
    return sale_with([r for r in await journal.about(record.id) if r.id != own], record)


def sale_with(about: Sequence[Record], record: Record) -> Sale | None:
    """The same, with all operations about it at hand."""
    command = command_of(record)
    if record.state in GONE or not isinstance(command, PostSale | AdjustPoints):
        return None
    later = [r for r in about if r.state not in GONE]
    posted = Posted(
        operation=record.id,
        began_at=record.created_at,
        command=command,
        done=result_of(record).done or Done(),
        undone=tuple(_undone(r) for r in later if _is_undoing(r) and r.state is State.CONFIRMED),
    )
    return Sale(posted, _unsettled_sale(record) or _sale_hurdle(later))


def _is_undoing(record: Record) -> bool:
    return record.kind in {_VOID, _RETURN}


def _undone(record: Record) -> Undone:
    command = command_of(record)
    return Undone(
        operation=record.id,
        command=command if isinstance(command, ReturnSale) else None,
        done=result_of(record).done or Done(),
    )


def _unsettled_sale(record: Record) -> Declined | None:
    if record.state in OPEN:
        return not_voidable(
            "the sale itself is still being settled; try again once it is",
            RetryAdvice.SAME_KEY_LATER,
        )
    if record.state is State.NEEDS_REVIEW:
        return not_voidable("a person must first find out whether the sale was recorded")
    return None


def _sale_hurdle(later: Sequence[Record]) -> Declined | None:
    undoing = [record for record in later if _is_undoing(record)]
    if any(r.kind == _VOID and r.state is State.CONFIRMED for r in undoing):
        return Declined(
            "it has been voided before",
            code=ErrorCode.ALREADY_VOIDED,
            field=("input", "transactionId"),
        )
    if any(r.state is State.NEEDS_REVIEW for r in undoing):
        return not_voidable("a person must first find out what became of an earlier undoing of it")
    if any(r.state in OPEN for r in undoing):
        return not_voidable(
            "another void or return of it is being settled; try again once it is",
            RetryAdvice.SAME_KEY_LATER,
        )
    return None


def not_voidable(message: str, retry: RetryAdvice = RetryAdvice.NEVER) -> Declined:
    """A sale that cannot be undone, or not now."""
    return Declined(
        message, code=ErrorCode.NOT_VOIDABLE, field=("input", "transactionId"), retry=retry
    )


async def redemption(journal: Journal, operation: str) -> Record | None:
    """The operation that made a redemption, by its own id or by one that only captured it.

    A voucher that is held through us is the same redemption, whoever redeems it by what.
    """
    record = await journal.get(operation)
    if record is None or record.kind != _VOUCHER or record.target is None:
        return record
    return await journal.get(record.target)


async def holding(
    journal: Journal, record: Record, now: datetime, own: str | None = None
) -> Holding | None:
    """Where a redemption stands; None where the record is none, or nothing came of it."""
    command = command_of(record)
    if record.kind not in _REDEMPTIONS or record.state in GONE:
        return None
    if not isinstance(command, RedeemPoints | RedeemVoucher | ClaimVoucher):
        return None
    done = result_of(record).done or Done()
    if isinstance(command, ClaimVoucher) and done.redemption is None:
        return None
    later = [r for r in await journal.about(record.id) if r.id != own and r.state not in GONE]
    status = _status(record, done, later, now)
    redeemed = Redeemed(
        operation=record.id,
        began_at=record.created_at,
        command=command,
        done=done,
        status=status,
    )
    return Holding(redeemed, _holding_hurdle(status, later))


def _status(record: Record, done: Done, later: Sequence[Record], now: datetime) -> RedemptionStatus:
    if record.state in OPEN:
        return RedemptionStatus.SETTLING
    if record.state is State.NEEDS_REVIEW:
        return RedemptionStatus.UNDER_REVIEW
    confirmed = {r.kind for r in later if r.state is State.CONFIRMED}
    if Operation.REDEMPTION_VOID.value in confirmed:
        return RedemptionStatus.VOIDED
    if confirmed & {Operation.REDEMPTION_CAPTURE.value, _VOUCHER}:
        return RedemptionStatus.CAPTURED
    held = done.redemption is RedemptionStatus.HELD
    if held and done.expires_at is not None and now >= done.expires_at:
        return RedemptionStatus.EXPIRED
    return done.redemption or RedemptionStatus.CAPTURED


def _holding_hurdle(status: RedemptionStatus, later: Sequence[Record]) -> Declined | None:
    match status:
        case RedemptionStatus.SETTLING:
            return not_open("it is still being settled; try again once it is", _LATER)
        case RedemptionStatus.UNDER_REVIEW:
            return not_open("a person must first find out whether it happened")
        case RedemptionStatus.EXPIRED:
            return not_open("it was held too long and has lapsed")
        case _:
            pass
    if any(record.state is State.NEEDS_REVIEW for record in later):
        return not_open("a person must first find out what became of an earlier change of it")
    if any(record.state in OPEN for record in later):
        return not_open("another change of it is being settled; try again once it is", _LATER)
    return None


_LATER = RetryAdvice.SAME_KEY_LATER


def not_open(message: str, retry: RetryAdvice = RetryAdvice.NEVER) -> Declined:
    """A redemption that cannot be gone on with, or not now."""
    return Declined(
        message, code=ErrorCode.REDEMPTION_NOT_OPEN, field=("input", "redemptionId"), retry=retry
    )
