"""Sales and what came of them: transactions, their lines, and quotes."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from loyalty.members import Attribute
from loyalty.money import Money
from loyalty.offers import Offer
from loyalty.points import PointsState
from loyalty.raw import RawRecord
from loyalty.refs import MemberRef, PostedRef, TransactionRef


class TransactionKind(StrEnum):
    """What a transaction was."""

    PURCHASE = "PURCHASE"
    RETURN = "RETURN"
    EXCHANGE = "EXCHANGE"
    REDEMPTION = "REDEMPTION"
    BONUS = "BONUS"
    ADJUSTMENT = "ADJUSTMENT"
    EXPIRY = "EXPIRY"
    OTHER = "OTHER"


class TransactionStatus(StrEnum):
    """Where a transaction is in its life."""

    SETTLING = "SETTLING"
    POSTED = "POSTED"
    PARTLY_REVERSED = "PARTLY_REVERSED"
    VOIDED = "VOIDED"
    UNDER_REVIEW = "UNDER_REVIEW"
    UNKNOWN = "UNKNOWN"


class LineType(StrEnum):
    """The kinds of line on a sales document."""

    NORMAL = "NORMAL"
    DISCOUNT = "DISCOUNT"
    RETURN = "RETURN"
    TRADE_IN = "TRADE_IN"
    OTHER = "OTHER"


class PaymentMethod(StrEnum):
    """What a sale was paid with."""

    CASH = "CASH"
    CARD = "CARD"
    POINTS = "POINTS"
    VOUCHER = "VOUCHER"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class DocumentReference:
    """The shop's own document."""

    id: str
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Outlet:
    """A shop of the program."""

    code: str
    name: str | None = None
    description: str | None = None
    register: str | None = None


@dataclass(frozen=True, slots=True)
class Award:
    """An offer that earned points in a sale."""

    offer_code: str
    points: Decimal
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsEffect:
    """What a transaction did to the balance; magnitudes, except `adjusted`, which is signed."""

    earned: Decimal = Decimal(0)
    redeemed: Decimal = Decimal(0)
    adjusted: Decimal = Decimal(0)
    base: Decimal | None = None
    bonus: Decimal | None = None
    promotional: Decimal | None = None
    shortfall: Decimal | None = None
    state: PointsState | None = None
    balance_after: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionLine:
    """One line of a sale."""

    sequence: int
    type: LineType
    subtotal: Money
    product_id: str | None = None
    product_code: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit_price: Money | None = None
    discount: Money | None = None
    subtotal_ex_tax: Money | None = None
    points_earned: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One tender of a sale."""

    method: PaymentMethod
    amount: Money
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One entry of a member's history, as its provider tells it.

    `operation` is the operation of ours that made it, where that is known; `parts` are entries of
    its provider's that are told with it.
    """

    ref: TransactionRef | PostedRef
    kind: TransactionKind
    status: TransactionStatus
    occurred_at: datetime
    fetched_at: datetime
    native_id: str | None = None
    document: DocumentReference | None = None
    native_kind: str | None = None
    posted_at: datetime | None = None
    outlet: Outlet | None = None
    total: Money | None = None
    tax: Money | None = None
    discount: Money | None = None
    lines: tuple[TransactionLine, ...] | None = None
    payments: tuple[Payment, ...] | None = None
    effect: PointsEffect | None = None
    awards: tuple[Award, ...] | None = None
    description: str | None = None
    operation: str | None = None
    parts: tuple[TransactionRef, ...] = ()
    raw: RawRecord | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Totals of a period: opening + earned - redeemed - expired = closing."""

    starts_at: datetime
    ends_at: datetime
    opening: Decimal
    earned: Decimal
    redeemed: Decimal
    expired: Decimal
    closing: Decimal


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """The line of an earlier sale that a RETURN or TRADE_IN line takes back.

    `operation` is the sale's operation in our ledger, where it went through us; else `native`.
    `sequence` counts the lines of that sale from 1.
    """

    sequence: int
    operation: str | None = None
    native: TransactionRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLine:
    """One line of a sale to be quoted or posted; `subtotal` includes tax, after `discount`."""

    subtotal: Decimal
    type: LineType = LineType.NORMAL
    product_id: str | None = None
    product_code: str | None = None
    division: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    discount: Decimal | None = None
    tax: Decimal | None = None
    subtotal_ex_tax: Decimal | None = None
    returns: ReturnedLine | None = None
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleTotals:
    """The sums of a sale: gross - discount + charges + rounding = final.

    A `discount` of None is not told, and is what the lines add up to.
    """

    gross: Decimal
    final: Decimal
    discount: Decimal | None = None
    tax: Decimal = Decimal(0)
    service_charge: Decimal = Decimal(0)
    service_tax: Decimal = Decimal(0)
    rounding: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleDraft:
    """A sale that has not happened: what to quote. `member` None asks for a guest."""

    member: MemberRef | None
    outlet: Outlet
    lines: tuple[SaleLine, ...]
    totals: SaleTotals | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What a sale would earn, and what it could take in points; None where not told."""

    earns: PointsEffect | None = None
    redeemable: Decimal | None = None
    redeemable_worth: Money | None = None
    offers: tuple[Offer, ...] | None = None
