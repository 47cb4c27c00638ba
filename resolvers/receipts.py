"""What a mutation tells: the receipt of an operation, or why there is none."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ledger.journal import State
from loyalty.commands import (
    AuthorizeRedemption,
    Command,
    EnrolMember,
    MigrateMember,
    RedeemVoucher,
    RequestReceiptUploads,
    ReturnSale,
    VoidSale,
)
from loyalty.errors import LoyaltyError, OutcomeUnknown
from loyalty.operations import Operation
from loyalty.outcomes import Caution, Done, OperationStatus
from loyalty.refs import MemberRef

STATUS = {
    State.READY: OperationStatus.PENDING,
    State.SENDING: OperationStatus.PENDING,
    State.IN_DOUBT: OperationStatus.PENDING,
    State.UNSENT: OperationStatus.REJECTED,
    State.CONFIRMED: OperationStatus.SUCCEEDED,
    State.FAILED: OperationStatus.REJECTED,
    State.COMPENSATED: OperationStatus.REVERSED,
    State.NEEDS_REVIEW: OperationStatus.UNDER_REVIEW,
}
"""What a client is told of an operation in each state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One operation as its owner sees it.

    `operation` is its id, 32 hexadecimal digits; `target` that of the operation which it undoes or
    continues. `replayed`: it was begun by an earlier request.
    `command` is what was asked, without secrets; `done` is None until it is known.
    """

    operation: str
    key: str
    kind: Operation
    program: str
    status: OperationStatus
    replayed: bool
    started_at: datetime
    finished_at: datetime | None
    command: Command
    done: Done | None
    errors: tuple[LoyaltyError, ...]
    cautions: tuple[Caution, ...]
    trace_id: str
    target: str | None = None

    @property
    def members(self) -> tuple[MemberRef, ...]:
        """Whose points, vouchers or records it may have changed: to be read anew."""
        return tuple(dict.fromkeys(_members(self)))


@dataclass(frozen=True, slots=True)
class Told:
    """What a mutation tells: a receipt, or errors without any record.

    `errors` are the receipt's own, or why there is none, or (DUPLICATE) why the receipt is that of
    an operation which was there before. `erased`: how an operation ended whose receipt is erased.
    """

    receipt: Receipt | None
    errors: tuple[LoyaltyError, ...]
    erased: OperationStatus | None = None

    @property
    def status(self) -> OperationStatus:
        """The receipt's; REJECTED where there is none, or it is another operation's.

        PENDING where it is not known whether there is one: it may yet be recorded and done.
        """
        if self.erased is not None:
            return self.erased
        if self.receipt is None and any(isinstance(e, OutcomeUnknown) for e in self.errors):
            return OperationStatus.PENDING
        if self.receipt is None or self.errors != self.receipt.errors:
            return OperationStatus.REJECTED
        return self.receipt.status

    @property
    def members(self) -> tuple[MemberRef, ...]:
        """Whom the request's loaders must forget, so that what is read next is fresh."""
        return () if self.receipt is None else self.receipt.members


def member_of(command: Command) -> MemberRef | None:
    """Whom a command is about; None where nobody is known yet."""
    match command:
        case ReturnSale() | VoidSale():
            return command.transaction.member
        case RedeemVoucher():
            return command.voucher.member
        case AuthorizeRedemption() | EnrolMember() | MigrateMember() | RequestReceiptUploads():
            return None
        case _:
            return command.member


def program_of(command: Command) -> str:
    """The program that a command is for."""
    match command:
        case AuthorizeRedemption() | EnrolMember() | MigrateMember() | RequestReceiptUploads():
            return command.program
        case ReturnSale() | VoidSale():
            return command.transaction.member.program
        case RedeemVoucher():
            return command.voucher.member.program
        case _:
            return command.member.program


def _members(receipt: Receipt) -> Iterator[MemberRef]:
    asked = member_of(receipt.command)
    if asked is not None:
        yield asked
    done = receipt.done
    if done is not None and done.member is not None:
        yield done.member
