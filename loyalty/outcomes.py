"""What came of a change: as its provider told it, and as the ledger keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from loyalty.commands import (
    AdjustPoints,
    ClaimVoucher,
    PostSale,
    RedeemPoints,
    RedeemVoucher,
    ReturnSale,
)
from loyalty.members import Attribute
from loyalty.money import Money
from loyalty.refs import MemberRef, TransactionRef, VoucherRef
from loyalty.sales import Award, PointsEffect, TransactionKind


class OperationStatus(StrEnum):
    """What a client is told of a mutation."""

    SUCCEEDED = "SUCCEEDED"
    REJECTED = "REJECTED"
    PENDING = "PENDING"
    REVERSED = "REVERSED"
    UNDER_REVIEW = "UNDER_REVIEW"


class RedemptionStatus(StrEnum):
    """Where a redemption is in its life."""

    SETTLING = "SETTLING"
    HELD = "HELD"
    CAPTURED = "CAPTURED"
    VOIDED = "VOIDED"
    EXPIRED = "EXPIRED"
    UNDER_REVIEW = "UNDER_REVIEW"


class CautionCode(StrEnum):
    """What is not as the caller may think, though the change was made."""

    VOUCHER_NOT_APPLIED = "VOUCHER_NOT_APPLIED"
    POINTS_OVER_REDEEMED = "POINTS_OVER_REDEEMED"
    FIELD_NOT_SENT = "FIELD_NOT_SENT"
    ROUNDED = "ROUNDED"
    DUPLICATE_IGNORED = "DUPLICATE_IGNORED"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Caution:
    """A warning; the message names the field and the remedy, and no person."""

    code: CautionCode
    message: str


@dataclass(frozen=True, slots=True)
class Upload:
    """Where one receipt goes: the URL and headers are secrets until `expires_at`."""

    receipt: str
    url: str = field(repr=False)
    method: str = "PUT"
    headers: tuple[Attribute, ...] = field(default=(), repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A change that was made, as its provider told it; None where it told nothing.

    `native` is what the adapter needs to find the change again or to undo it (authorization codes,
    redemption codes, numbers allotted): opaque to everybody else, and kept in the ledger.
    `transaction`, `voucher`, `member`: what there is now to be read. `points`, `worth`: what a
    redemption took (magnitudes). `kind`: what its provider files it under, where the command does
    not say so already. `parts`: what else its provider lists that is no transaction by itself but
    a part of this one, whose `effect` is that of all together. `standing`: operations that it was
    to undo together with its target, and could not. `secret`: the right that an authorization
    gives, until `secret_until`; never shown but to its asker.
    """

    native: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    native_id: str | None = None
    member: MemberRef | None = None
    mobile_user: str | None = None
    transaction: TransactionRef | None = None
    kind: TransactionKind | None = None
    parts: tuple[TransactionRef, ...] = ()
    standing: tuple[str, ...] = ()
    voucher: VoucherRef | None = None
    posted_at: datetime | None = None
    effect: PointsEffect | None = None
    awards: tuple[Award, ...] | None = None
    redemption: RedemptionStatus | None = None
    points: Decimal | None = None
    worth: Money | None = None
    expires_at: datetime | None = None
    uploads: tuple[Upload, ...] | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    secret_until: datetime | None = None
    cautions: tuple[Caution, ...] = ()

    @property
    def code(self) -> str | None:
        """The provider's own code of a redemption: the one entry of `native` that some may see."""
        return self.native.get("code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """A return, or a void, of a sale that went through us. `command` is None for a void."""

    operation: str
    command: ReturnSale | None
    done: Done


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A sale (or another change of points) that went through us, and what became of it since.

    `undone` are its returns that succeeded, oldest first. A voided one is never handed out to be
    undone again.
    """

    operation: str
    began_at: datetime
    command: PostSale | AdjustPoints
    done: Done
    undone: tuple[Undone, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """A redemption that went through us, and where it stands."""

    operation: str
    began_at: datetime
    command: RedeemPoints | RedeemVoucher | ClaimVoucher
    done: Done
    status: RedemptionStatus
