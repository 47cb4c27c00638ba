"""What an app may ask to be changed: one value a mutation, complete and free of any wire.

Amounts are in the program's currency, points in its points, both exact and never negative unless a
field says so. A field left out is None; in `ProfileChanges` it is KEPT, and None clears. Commands
are kept in the ledger, so that a sale can be voided, returned and told again: every field here
must survive being written as JSON and read back.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from loyalty.members import AffinityStatus, Attribute
from loyalty.points import PointsKind
from loyalty.refs import MemberRef, OfferRef, TransactionRef, VoucherRef
from loyalty.sales import DocumentReference, Outlet, PaymentMethod, SaleLine, SaleTotals


class Settlement(StrEnum):
    """Whether the points of a sale count at once, or wait until they are activated."""

    IMMEDIATE = "IMMEDIATE"
    PENDING = "PENDING"


class PhoneType(StrEnum):
    """What kind of telephone a number belongs to."""

    MOBILE = "MOBILE"
    HOME = "HOME"


class Kept(StrEnum):
    """Stands for a field that is left as it is."""

    KEPT = "\x00kept"


KEPT = Kept.KEPT


@dataclass(frozen=True, slots=True)
class Tender:
    """One payment of a sale, or one refund of a return; `amount` in the program's currency."""

    method: PaymentMethod
    amount: Decimal
    description: str | None = None


@dataclass(frozen=True, slots=True)
class SaleVoucher:
    """A voucher that pays for a part of a sale, and how much it takes off."""

    voucher: VoucherRef
    discount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSale:
    """postTransaction. `authorization` is a secret: the right to redeem, short-lived.

    `redemptions` are the operations (their ids) of redemptions made beforehand that pay for a part.
    """

    member: MemberRef
    document: DocumentReference
    occurred_at: datetime
    outlet: Outlet
    lines: tuple[SaleLine, ...]
    totals: SaleTotals
    operator: str | None = None
    payments: tuple[Tender, ...] | None = None
    collect: Decimal | None = None
    collect_note: str | None = None
    redeem: Decimal | None = None
    redeem_note: str | None = None
    voucher: SaleVoucher | None = None
    redemptions: tuple[str, ...] = ()
    authorization: str | None = field(default=None, repr=False)
    settlement: Settlement = Settlement.IMMEDIATE
    receipt: str | None = None
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnedPart:
    """How much of a line of a sale comes back; `sequence` counts the lines of the sale from 1."""

    sequence: int
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnSale:
    """returnTransaction: a part of a sale, or all of it, comes back."""

    transaction: "Target"
    document: DocumentReference
    occurred_at: datetime
    lines: tuple[ReturnedPart, ...]
    outlet: Outlet | None = None
    take_back: Decimal | None = None
    refunds: tuple[Tender, ...] | None = None
    reason: str | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidSale:
    """voidTransaction: a sale is undone, as if it had not been."""

    transaction: "Target"
    reason: str | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemPoints:
    """redeemPoints: exactly one of `points` and `money` says how much; `hold` only reserves it."""

    member: MemberRef
    outlet: Outlet
    points: Decimal | None = None
    money: Decimal | None = None
    hold: bool = False
    document: DocumentReference | None = None
    lines: tuple[SaleLine, ...] | None = None
    authorization: str | None = field(default=None, repr=False)
    note: str | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemVoucher:
    """redeemVoucher: a voucher is used up, taking `discount` off a bill."""

    voucher: VoucherRef
    outlet: Outlet
    discount: Decimal | None = None
    document: DocumentReference | None = None
    lines: tuple[SaleLine, ...] | None = None
    authorization: str | None = field(default=None, repr=False)
    operator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRedemption:
    """captureRedemption: what was held is spent. `redemption` is the operation that held it."""

    member: MemberRef
    redemption: str
    reason: str | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidRedemption:
    """voidRedemption: what was held or spent is given back."""

    member: MemberRef
    redemption: str
    reason: str | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeRedemption:
    """authorizeRedemption: the one-time code a member shows; it is used up."""

    program: str
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimVoucher:
    """claimVoucher: an offer becomes a voucher of the member."""

    member: MemberRef
    offer: OfferRef
    authorization: str | None = field(default=None, repr=False)
    outlet: Outlet | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustPoints:
    """adjustPoints: points given (`delta` > 0) or taken (`delta` < 0) for a reason."""

    member: MemberRef
    delta: Decimal
    reason: str
    kind: PointsKind | None = None
    offer_code: str | None = None
    document: DocumentReference | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    outlet: Outlet | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivatePoints:
    """activatePoints: pending points of a period become spendable."""

    member: MemberRef
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A person to be enrolled; personal data, so never printed."""

    name: str | None = field(default=None, repr=False)
    given_name: str | None = field(default=None, repr=False)
    family_name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    phone_type: PhoneType | None = None
    birth_date: date | None = field(default=None, repr=False)
    gender: str | None = field(default=None, repr=False)
    language: str | None = None
    postal_code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanges:
    """What changes of a person: KEPT leaves a value as it is, None clears it."""

    name: str | Kept | None = field(default=KEPT, repr=False)
    given_name: str | Kept | None = field(default=KEPT, repr=False)
    family_name: str | Kept | None = field(default=KEPT, repr=False)
    email: str | Kept | None = field(default=KEPT, repr=False)
    phone: str | Kept | None = field(default=KEPT, repr=False)
    phone_type: PhoneType | Kept | None = KEPT
    birth_date: date | Kept | None = field(default=KEPT, repr=False)
    gender: str | Kept | None = field(default=KEPT, repr=False)
    language: str | Kept | None = KEPT
    postal_code: str | Kept | None = field(default=KEPT, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consents:
    """What a person agreed to when enrolling; None was not asked."""

    terms: bool | None = None
    terms_version: str | None = None
    email: bool | None = None
    sms: bool | None = None
    mail: bool | None = None
    phone: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolMember:
    """enrollMember: exactly one of `profile` and `mobile_user` says who."""

    program: str
    profile: Profile | None = None
    mobile_user: str | None = None
    tier: str | None = None
    consents: Consents | None = None
    outlet: Outlet | None = None
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateMember:
    """updateMember."""

    member: MemberRef
    profile: ProfileChanges = field(default_factory=ProfileChanges)
    tier: str | None = None
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrateMember:
    """migrateMember: a member of an older system comes over, with its points."""

    program: str
    source_number: str
    profile: Profile | None = None
    opening_points: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAffinity:
    """setAffinity: a link to an affiliated programme is made, ended or answered."""

    member: MemberRef
    code: str
    status: AffinityStatus
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReceiptUploads:
    """requestReceiptUploads: where to put the PDF of each receipt."""

    program: str
    receipts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMembership:
    """linkMembership: a membership becomes a person's; exactly one of the proofs is given.

    `customer` is the person; None: the one who asks if `own` (made on first use), else whoever has
    the membership, else a new one. `auth_code` is used up; `operator` is who vouches for it.
    """

    member: MemberRef
    customer: str | None = None
    own: bool = False
    auth_code: str | None = field(default=None, repr=False)
    operator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlinkMembership:
    """unlinkMembership: a membership is no longer a person's; `customer` and `own` as above.

    With neither of them it is taken from whoever has it.
    """

    member: MemberRef
    customer: str | None = None
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A transaction that is to be undone: by its operation, or by what its provider knows it as."""

    member: MemberRef
    operation: str | None = None
    native: TransactionRef | None = None


Command = (
    PostSale
    | ReturnSale
    | VoidSale
    | RedeemPoints
    | RedeemVoucher
    | CaptureRedemption
    | VoidRedemption
    | AuthorizeRedemption
    | ClaimVoucher
    | AdjustPoints
    | ActivatePoints
    | EnrolMember
    | UpdateMember
    | MigrateMember
    | SetAffinity
    | RequestReceiptUploads
    | LinkMembership
    | UnlinkMembership
)
