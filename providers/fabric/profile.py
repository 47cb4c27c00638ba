"""What is known of fabric Loyalty before any call: its profile and code tables; no behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from loyalty.errors import ErrorCode
from loyalty.members import MemberStatus
from loyalty.offers import VoucherStatus
from loyalty.operations import (
    EarnComputation,
    IdempotencySupport,
    LookupKey,
    Operation,
    SupportLevel,
)
from loyalty.points import PointsKind
from loyalty.sales import TransactionKind
from providers.port import Profile, Support, Suspicion


class Upstream(StrEnum):
    """The operations by the vendor's names (contract 1.1)."""

    TOKEN = "Fetch access token"  # noqa: S105 - an operation's name
    ENROLL_MEMBER = "Enroll Member"
    UPDATE_MEMBER = "Update Member"
    GET_MEMBERS = "Get Members"
    ACTIVATE_POINTS = "Activate Points"
    ADJUST_POINTS = "Adjust Points"
    EARN_POINTS = "Earn Points"
    REVERSE_EARNED_POINTS = "Reverse Earned Points"
    GET_TRANSACTIONS = "Get Transactions"
    ISSUE_REWARD = "Issue Reward"
    REDEEM_REWARDS = "Redeem Rewards"
    CANCEL_REWARDS = "Cancel Rewards"
    REVERSE_REDEEMED_REWARDS = "Reverse Redeemed Rewards"
    REWARDS_HISTORY = "Rewards History"
    GET_DISCOUNTS = "Get Discounts"
    GET_MEMBER_POINTS = "Get Member Points"
    GET_REDEEMABLE_POINTS = "Get Redeemable Points"
    GET_ACTION_REASONS = "Get Action Reasons"
    GET_POINT_TYPES = "Get Point Types"
    GET_POINTS_TO_BE_EXPIRED = "Get Points to be Expired"
    GET_EXPIRED_POINTS = "Get Expired Points"


_BY_US = IdempotencySupport.GATEWAY
_CHANGES = {
    Operation.TRANSACTION_POST: Support(
        SupportLevel.PARTIAL,
        IdempotencySupport.PROVIDER,
        "NORMAL and DISCOUNT lines; no charges; points and vouchers are redeemed beforehand",
    ),
    Operation.TRANSACTION_RETURN: Support(
        SupportLevel.EMULATED,
        IdempotencySupport.PROVIDER,
        "all is taken back, and what remains is earned anew for the time of the sale",
    ),
    Operation.TRANSACTION_VOID: Support(
        idempotency=IdempotencySupport.PROVIDER, note="of sales that went through us"
    ),
    Operation.POINTS_REDEEM: Support(
        SupportLevel.EMULATED,
        _BY_US,
        "priced in money: a reward is issued and redeemed; points need point_worth",
    ),
    Operation.REDEMPTION_HOLD: Support(
        idempotency=_BY_US, note="an issued reward; it expires by the tenant's rules"
    ),
    Operation.REDEMPTION_CAPTURE: Support(idempotency=_BY_US),
    Operation.REDEMPTION_VOID: Support(
        idempotency=_BY_US, note="cancelled while held, reversed once captured"
    ),
    Operation.VOUCHER_REDEEM: Support(idempotency=_BY_US, note="for all that it is worth"),
    Operation.POINTS_ADJUST: Support(
        idempotency=_BY_US, note="the reason is the code of one of adjustmentReasons"
    ),
    Operation.POINTS_ACTIVATE: Support(idempotency=_BY_US, note="of what is pending when asked"),
    Operation.MEMBER_ENROLL: Support(
        idempotency=_BY_US, note="wants both names, e-mail and phone; consents have no place"
    ),
    Operation.MEMBER_UPDATE: Support(
        SupportLevel.PARTIAL, _BY_US, "names, e-mail and phone are changed, not cleared"
    ),
}

PROFILE = Profile(
    code="fabric",
    name="fabric Loyalty",
    earn_computation=EarnComputation.PROVIDER,
    lookup_keys=(
        LookupKey.NUMBER,
        LookupKey.NATIVE_ID,
        LookupKey.EMAIL,
        LookupKey.PHONE,
        LookupKey.NAME,
    ),
    support={
        Operation.EXPIRY_READ: Support(note="windows of 30 to 365 days, no exact dates"),
        Operation.VOUCHER_CHECK: Support(
            SupportLevel.EMULATED, note="found in the member's reward history"
        ),
        Operation.OFFER_LIST: Support(
            SupportLevel.PARTIAL, note="discounts on a basket; without a basket null"
        ),
        Operation.TRANSACTION_LIST: Support(
            SupportLevel.PARTIAL, note="lines where the provider echoes them"
        ),
        Operation.TIER_READ: Support(SupportLevel.PARTIAL, note="no progress, no next tier"),
        **_CHANGES,
    },
    with_member=frozenset({Operation.TIER_READ}),
    history_rows=100,
    suspicions=(
        Suspicion(
            ("client_id", "client_secret"), ErrorCode.PROVIDER_CREDENTIALS, native="invalid_client"
        ),
        Suspicion(
            ("assumptions.token_scope",), ErrorCode.PROVIDER_CREDENTIALS, native="invalid_scope"
        ),
        Suspicion(
            ("client_id", "client_secret"), ErrorCode.PROVIDER_CREDENTIALS, operation=Upstream.TOKEN
        ),
        Suspicion(("token_url", "base_url"), ErrorCode.PROVIDER_CREDENTIALS),
    ),
)


MEMBER_STATUSES: Mapping[str, MemberStatus] = {
    "enabled": MemberStatus.ACTIVE,
    "active": MemberStatus.ACTIVE,
    "disabled": MemberStatus.INACTIVE,
    "inactive": MemberStatus.INACTIVE,
    "deleted": MemberStatus.INACTIVE,
    "merged": MemberStatus.MERGED,
}
"""accountStatus in lower case. Only "Enabled" is in a sample (contract 5.6); the rest are the words
of the admin pages (4.1) and their natural opposites. The setting `account_statuses` adds to it.
"""

VOUCHER_STATUSES: Mapping[str, VoucherStatus] = {
    "active": VoucherStatus.USABLE,
    "redeemed": VoucherStatus.REDEEMED,
    "cancelled": VoucherStatus.CANCELED,
    "canceled": VoucherStatus.CANCELED,
    "reversed": VoucherStatus.REVERSED,
    "expired": VoucherStatus.EXPIRED,
}
"""Reward statuses in lower case (contract 4.7)."""

POINTS_KINDS: Mapping[str, PointsKind] = {
    "base": PointsKind.BASE,
    "bonus": PointsKind.BONUS,
    "promotional": PointsKind.PROMOTIONAL,
}
"""pointType in lower case (contract 4.2)."""


class Direction(Enum):
    """Which way a transaction moves points, whatever the sign on the wire."""

    EARNED = auto()
    REDEEMED = auto()
    GIVEN = auto()
    TAKEN = auto()
    SIGNED = auto()


@dataclass(frozen=True, slots=True)
class Movement:
    """What a type of transaction is, and which way it moves points."""

    kind: TransactionKind
    direction: Direction


MOVEMENTS: Mapping[str, Movement] = {
    "EARN": Movement(TransactionKind.PURCHASE, Direction.EARNED),
    "BURN": Movement(TransactionKind.REDEMPTION, Direction.REDEEMED),
    "EXPIRY": Movement(TransactionKind.EXPIRY, Direction.TAKEN),
    "EARN_REVERSE": Movement(TransactionKind.RETURN, Direction.TAKEN),
    "BURN_REVERSE": Movement(TransactionKind.ADJUSTMENT, Direction.GIVEN),
    "ADJUSTMENT": Movement(TransactionKind.ADJUSTMENT, Direction.SIGNED),
    "DEDUCT": Movement(TransactionKind.ADJUSTMENT, Direction.TAKEN),
    "TRANSFER": Movement(TransactionKind.OTHER, Direction.SIGNED),
    "MERGE": Movement(TransactionKind.OTHER, Direction.SIGNED),
    "FORFEITED": Movement(TransactionKind.OTHER, Direction.TAKEN),
    "CONVERT": Movement(TransactionKind.OTHER, Direction.SIGNED),
    "UNMERGE": Movement(TransactionKind.OTHER, Direction.SIGNED),
}
"""All twelve types of contract 5.4; any other is OTHER with the sign on the wire."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row of the error table: which refusal it is, and what it says in our words.

    `key` and `text` are normalised (lower case, one space, no final stop); an empty `key` or
    `operations` matches all, `text` is how the text starts.
    """

    code: ErrorCode
    key: str = ""
    text: str = ""
    operations: frozenset[Upstream] = frozenset()
    statuses: tuple[int, ...] = (400,)
    field: tuple[str, ...] | None = None
    message: str | None = None


_SALES = frozenset({Upstream.EARN_POINTS, Upstream.REVERSE_EARNED_POINTS})
_STORES = ("entityreference", "locationexternalreference", "externalreference", "billingentity")
_FORMULAS = ("totalamountpaid", "netamount", "transactionitems", "transactiongrossamount")
_WRITES = frozenset(
    {
        *_SALES,
        Upstream.ENROLL_MEMBER,
        Upstream.UPDATE_MEMBER,
        Upstream.ACTIVATE_POINTS,
        Upstream.ADJUST_POINTS,
        Upstream.ISSUE_REWARD,
        Upstream.REDEEM_REWARDS,
        Upstream.CANCEL_REWARDS,
        Upstream.REVERSE_REDEEMED_REWARDS,
    }
)
_ALL: frozenset[Upstream] = frozenset()
_ENROLMENTS = frozenset({Upstream.ENROLL_MEMBER, Upstream.UPDATE_MEMBER})

REFUSALS: tuple[Refusal, ...] = (
    *(
        Refusal(
            ErrorCode.INVALID_INPUT,
            key,
            "entity not found",
            operations=operations,
            field=field,
            message="the program has no such store",
        )
        for operations, field in ((_WRITES, ("outlet", "code")), (_ALL, ("outlet",)))
        for key in _STORES
    ),
    Refusal(
        ErrorCode.INVALID_INPUT,
        "tierreference",
        "tier not found",
        operations=_ENROLMENTS,
        field=("tier",),
        message="the program has no such tier",
    ),
    Refusal(
        ErrorCode.DUPLICATE,
        "transactionexternalreference",
        "duplicate transaction",
        field=("document", "id"),
    ),
    Refusal(
        ErrorCode.TRANSACTION_NOT_FOUND, "reversetransactionexternalref", "transaction not found"
    ),
    Refusal(
        ErrorCode.ALREADY_VOIDED, "reversetransactionexternalref", "transaction already reversed"
    ),
    Refusal(ErrorCode.REDEMPTION_NOT_FOUND, "redemptioncode", "reward not found"),
    Refusal(ErrorCode.REDEMPTION_NOT_OPEN, "redemptioncode", "reward is "),
    Refusal(ErrorCode.INSUFFICIENT_POINTS, "amounttoredeem", "insufficient points"),
    Refusal(
        ErrorCode.INSUFFICIENT_POINTS,
        text="insufficient points",
        operations=frozenset({Upstream.ADJUST_POINTS}),
    ),
    Refusal(ErrorCode.REDEMPTION_RULE, "amounttoredeem", "threshold not reached"),
    Refusal(ErrorCode.REDEMPTION_RULE, "amounttoredeem", "reward limit exceeded"),
    Refusal(ErrorCode.INVALID_INPUT, text="this field is required", operations=_WRITES),
    Refusal(ErrorCode.INVALID_INPUT, text="invalid value", operations=_WRITES),
    *(Refusal(ErrorCode.TOTALS_DO_NOT_ADD_UP, key, operations=_SALES) for key in _FORMULAS),
    *(
        Refusal(ErrorCode.CONTACT_IN_USE, key, operations=frozenset({Upstream.ENROLL_MEMBER}))
        for key in ("emailaddress", "phonenumber")
    ),
    *(
        Refusal(
            ErrorCode.CONTACT_IN_USE, "exceptionstring", text, operations=_ENROLMENTS, field=field
        )
        for text, field in (
            ("the email address is already enrolled", ("profile", "email")),
            ("the phone number is already enrolled", ("profile", "phone")),
        )
    ),
    Refusal(
        ErrorCode.MEMBER_NOT_ACTIVE,
        "exceptionstring",
        "the account is not enabled",
        operations=_WRITES,
    ),
)
"""Hints only: the vendor documents neither keys nor texts (contract 12.2), so whatever is not here
is PROVIDER_ERROR. The refusals that say "no such member" are a setting (`absent_member`).
"""

PAST_REFUSALS: tuple[tuple[int, ErrorCode], ...] = (
    (401, ErrorCode.PROVIDER_CREDENTIALS),
    (403, ErrorCode.PROVIDER_CREDENTIALS),
    (429, ErrorCode.PROVIDER_RATE_LIMITED),
)
"""Statuses that say the same whatever the body says."""
