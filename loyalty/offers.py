"""Vouchers a member has, and offers a member could get."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from loyalty.money import Money
from loyalty.raw import RawRecord
from loyalty.refs import MemberRef, VoucherRef


class VoucherStatus(StrEnum):
    """Where a voucher is in its life."""

    ISSUED = "ISSUED"
    USABLE = "USABLE"
    RESERVED = "RESERVED"
    REDEEMED = "REDEEMED"
    EXPIRED = "EXPIRED"
    CANCELED = "CANCELED"
    REVERSED = "REVERSED"
    UNKNOWN = "UNKNOWN"


class UnusableReason(StrEnum):
    """Why a voucher or an offer cannot be used now."""

    NOT_STARTED = "NOT_STARTED"
    EXPIRED = "EXPIRED"
    WRONG_DAY = "WRONG_DAY"
    WRONG_TIME = "WRONG_TIME"
    NOT_BIRTHDAY = "NOT_BIRTHDAY"
    BELOW_MINIMUM_SPEND = "BELOW_MINIMUM_SPEND"
    TIER_NOT_ELIGIBLE = "TIER_NOT_ELIGIBLE"
    NOT_ENOUGH_POINTS = "NOT_ENOUGH_POINTS"
    SOLD_OUT = "SOLD_OUT"
    ALREADY_USED = "ALREADY_USED"
    LIMIT_REACHED = "LIMIT_REACHED"
    OTHER = "OTHER"


class OfferKind(StrEnum):
    """What an offer gives."""

    CLAIMABLE_VOUCHER = "CLAIMABLE_VOUCHER"
    EARN = "EARN"
    REDEMPTION_MULTIPLIER = "REDEMPTION_MULTIPLIER"
    SURPRISE_POINTS = "SURPRISE_POINTS"
    DISCOUNT = "DISCOUNT"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class AmountOff:
    """A discount of a fixed sum."""

    amount: Money


@dataclass(frozen=True, slots=True)
class PercentageOff:
    """A discount in percent: 10 is ten per cent."""

    percentage: Decimal


Discount = AmountOff | PercentageOff


@dataclass(frozen=True, slots=True)
class Usability:
    """Whether something can be used now, why not, and from when it can."""

    now: bool
    reasons: tuple[UnusableReason, ...] = ()
    native_reason: str | None = None
    usable_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """Something a member holds that turns into value at a till.

    `code_pays`: whoever shows its code is given its worth, so that few may see it.
    """

    ref: VoucherRef
    status: VoucherStatus
    native_status: str | None = None
    title: str | None = None
    description: str | None = None
    terms: str | None = None
    discount: Discount | None = None
    usable: Usability | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    code_pays: bool = False
    raw: RawRecord | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Something a member could get: a voucher to claim, points to earn, a better rate."""

    program: str
    member: MemberRef | None
    code: str
    kind: OfferKind
    title: str
    native_kind: str | None = None
    description: str | None = None
    terms: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    conditional: bool | None = None
    stackable: bool | None = None
    points: Decimal | None = None
    points_cost: Decimal | None = None
    multiplier: Decimal | None = None
    discount: Discount | None = None
    eligible: Usability | None = None
    raw: RawRecord | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLine:
    """One product of a basket that offers are asked for; `unit_price` excludes `tax`."""

    product_code: str
    quantity: Decimal
    unit_price: Decimal
    division: str | None = None
    categories: tuple[str, ...] = ()
    tax: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Basket:
    """What a member is about to buy, and where."""

    lines: tuple[BasketLine, ...]
    outlet: str | None = None
