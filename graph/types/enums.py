"""Enums of what is read: the words of loyalty/, each value told to an app developer."""

from enum import Enum, StrEnum
from typing import Any

import strawberry

from loyalty.errors import ErrorCode, RetryAdvice
from loyalty.members import AffinityStatus, MemberStatus
from loyalty.offers import OfferKind, UnusableReason, VoucherStatus
from loyalty.operations import (
    EarnComputation,
    Environment,
    IdempotencySupport,
    LookupKey,
    Operation,
    SupportLevel,
)
from loyalty.points import ExpiryPrecision, PointsKind, PointsState
from loyalty.programs import HealthState
from loyalty.sales import LineType, PaymentMethod, TransactionKind, TransactionStatus

__all__ = [
    "AffinityStatus",
    "DataSource",
    "EarnComputation",
    "Environment",
    "ErrorCode",
    "ExpiryPrecision",
    "HealthState",
    "IdempotencySupport",
    "LineType",
    "LookupKey",
    "MemberStatus",
    "OfferKind",
    "Operation",
    "PaymentMethod",
    "PointsKind",
    "PointsState",
    "RetryAdvice",
    "SupportLevel",
    "TransactionKind",
    "TransactionStatus",
    "UnusableReason",
    "VoucherStatus",
    "described",
]


class DataSource(StrEnum):
    """Where a figure came from."""

    LIVE = "LIVE"
    CACHE = "CACHE"
    STALE = "STALE"
    LEDGER = "LEDGER"


def described(
    enum: type[Enum], description: str, values: dict[str, str], name: str | None = None
) -> None:
    """Make `enum` a GraphQL enum; every value must be told, and no other."""
    untold = set(enum.__members__) ^ set(values)
    if untold:
        msg = f"{enum.__name__}: tell {sorted(untold)}"
        raise TypeError(msg)
    made: Any = strawberry.enum(enum, description=description, name=name)
    for value in made.__strawberry_definition__.values:
        value.description = values[value.name]


described(
    DataSource,
    "Where a figure came from.",
    {
        "LIVE": "Read from the program for this request.",
        "CACHE": "Read a moment ago, and still fresh.",
        "STALE": "The program could not be reached; this is the last it said.",
        "LEDGER": "From our own record of what was done through this API.",
    },
)
described(
    SupportLevel,
    "How a program does an operation.",
    {
        "NATIVE": "The program does it itself.",
        "EMULATED": "Done by several calls, or by our own record.",
        "PARTIAL": "Done with limits; the note names them.",
        "UNSUPPORTED": "Not possible; refused before anything is sent.",
    },
)
described(
    IdempotencySupport,
    "Who recognises a repeated write.",
    {
        "PROVIDER": "The program itself.",
        "GATEWAY": "This API, by the idempotency key.",
        "NOT_APPLICABLE": "Nothing is written.",
    },
)
described(
    EarnComputation,
    "Who works out the points a sale earns.",
    {
        "PROVIDER": "The program; do not send points.",
        "CALLER": "You: send the points to collect with the sale.",
    },
)
described(
    LookupKey,
    "A criterion by which a program can search for members.",
    {
        "NUMBER": "The member's number, as printed on a card.",
        "NATIVE_ID": "The program's internal id.",
        "EMAIL": "An e-mail address.",
        "PHONE": "A phone number.",
        "NAME": "A person's name.",
        "ATTRIBUTE": "A configured attribute, such as a card of another scheme.",
        "MOBILE_USER": "A user of the program's own app.",
    },
)
described(
    Environment,
    "Which of a provider's systems a program runs on.",
    {
        "PRODUCTION": "The live system.",
        "UAT": "The provider's test system.",
        "SANDBOX": "An emulation; nothing here is real.",
    },
)
described(
    HealthState,
    "How a program has answered lately.",
    {
        "UP": "All recent calls were answered.",
        "DEGRADED": "Some recent calls were not answered.",
        "DOWN": "No recent call was answered.",
        "UNKNOWN": "Not called lately.",
    },
)
described(
    Operation,
    "One thing that an app may want of a program.",
    {
        "MEMBER_READ": "Read a member by id.",
        "MEMBER_LOOKUP": "Search for members.",
        "MEMBER_LIST": "Page through members.",
        "MEMBER_ENROLL": "Make a person a member.",
        "MEMBER_UPDATE": "Change a member's profile or tier.",
        "MEMBER_MIGRATE": "Bring a member over from another system.",
        "BALANCE_READ": "Read a balance.",
        "EXPIRY_READ": "Tell which points will expire, and when.",
        "TIER_READ": "Tell a member's tier.",
        "TIER_LIST": "List all tiers.",
        "AFFINITY_READ": "Read a member's links to affiliated programmes.",
        "AFFINITY_SET": "Change a member's link to an affiliated programme.",
        "VOUCHER_LIST": "List a member's vouchers.",
        "VOUCHER_CHECK": "Read one voucher, and whether it can be used.",
        "VOUCHER_CLAIM": "Turn an offer into a voucher.",
        "OFFER_LIST": "List what a member could get.",
        "TRANSACTION_LIST": "List a member's history.",
        "ACTIVITY_SUMMARY": "Total a period of a member's history.",
        "TRANSACTION_QUOTE": "Tell what a sale would earn and could take in points.",
        "TRANSACTION_POST": "Record a sale.",
        "TRANSACTION_RETURN": "Take goods of a sale back.",
        "TRANSACTION_VOID": "Undo a whole sale.",
        "POINTS_REDEEM": "Spend points.",
        "VOUCHER_REDEEM": "Use a voucher.",
        "REDEMPTION_HOLD": "Take points aside, to be used or given back.",
        "REDEMPTION_CAPTURE": "Use what was held.",
        "REDEMPTION_VOID": "Undo a redemption.",
        "REDEMPTION_AUTHORIZE": "Turn a member's one-time code into a right to redeem.",
        "POINTS_ADJUST": "Correct a balance.",
        "POINTS_ACTIVATE": "Make pending points spendable.",
        "RECEIPT_UPLOAD": "Get addresses to upload receipts to.",
        "MOBILE_USER_READ": "Read a user of the program's own app.",
        "MEMBERSHIP_LINK": "Link a membership to a person: done by us, for every program.",
        "MEMBERSHIP_UNLINK": "End such a link: done by us, for every program.",
    },
)
described(
    MemberStatus,
    "The state of a membership.",
    {
        "ACTIVE": "In good standing.",
        "INACTIVE": "Switched off.",
        "SUSPENDED": "Blocked for now.",
        "PENDING": "Not yet verified.",
        "MERGED": "Absorbed by another membership; see mergedInto.",
        "REPLACED": "Given another number.",
        "UNKNOWN": "A word of the program's that we do not know; see nativeStatus.",
    },
)
described(
    AffinityStatus,
    "The state of a link to an affiliated programme.",
    {
        "ACTIVE": "In force.",
        "INACTIVE": "Ended.",
        "PENDING": "Asked for.",
        "DECLINED": "Refused.",
        "UNKNOWN": "A word of the program's that we do not know.",
    },
)
described(
    PointsKind,
    "How points came to be.",
    {
        "BASE": "For spending.",
        "BONUS": "From a bonus rule or offer.",
        "PROMOTIONAL": "From a promotion.",
        "OTHER": "Another kind; see nativeKind.",
    },
)
described(
    PointsState,
    "Whether points can be spent.",
    {
        "PENDING": "Not yet.",
        "AVAILABLE": "Now.",
        "LOCKED": "Held for something else.",
        "EXPIRED": "No more.",
    },
)
described(
    ExpiryPrecision,
    "How exactly an expiry is known.",
    {
        "EXACT": "On that very day.",
        "WINDOW": "By then at the latest: the end of a span that the program reports in.",
    },
)
described(
    VoucherStatus,
    "Where a voucher is in its life.",
    {
        "ISSUED": "Held, and not usable right now; see usable.",
        "USABLE": "Can be used now.",
        "RESERVED": "Put aside for a purchase.",
        "REDEEMED": "Used.",
        "EXPIRED": "Too late.",
        "CANCELED": "Withdrawn before use.",
        "REVERSED": "Used, and given back.",
        "UNKNOWN": "A word of the program's that we do not know; see nativeStatus.",
    },
)
described(
    UnusableReason,
    "Why something cannot be used now.",
    {
        "NOT_STARTED": "Its time has not come; see usableFrom.",
        "EXPIRED": "Its time is over.",
        "WRONG_DAY": "Not on this day of the week.",
        "WRONG_TIME": "Not at this time of the day.",
        "NOT_BIRTHDAY": "Only on, or in the month of, the member's birthday.",
        "BELOW_MINIMUM_SPEND": "The bill is too small.",
        "TIER_NOT_ELIGIBLE": "Not for the member's tier.",
        "NOT_ENOUGH_POINTS": "It costs more points than the member has.",
        "SOLD_OUT": "All have been given out.",
        "ALREADY_USED": "It has been used, or can be had only once.",
        "LIMIT_REACHED": "The member has had as many as allowed.",
        "OTHER": "A reason of the program's that we do not know; see nativeReason.",
    },
)
described(
    OfferKind,
    "What an offer gives.",
    {
        "CLAIMABLE_VOUCHER": "A voucher, once claimed.",
        "EARN": "More points on a purchase.",
        "REDEMPTION_MULTIPLIER": "A better worth of redeemed points.",
        "SURPRISE_POINTS": "Points that are spendable only under this offer.",
        "DISCOUNT": "Money off the basket.",
        "OTHER": "Something else; see nativeKind.",
    },
)
described(
    TransactionKind,
    "What a transaction was.",
    {
        "PURCHASE": "A sale.",
        "RETURN": "Goods brought back, or a sale undone.",
        "EXCHANGE": "Goods brought back and others bought, at once.",
        "REDEMPTION": "Points or a voucher spent.",
        "BONUS": "Points from an offer, without a sale.",
        "ADJUSTMENT": "A correction, or spent points that came back.",
        "EXPIRY": "Points lost to time.",
        "OTHER": "Something else; see nativeKind.",
    },
)
described(
    TransactionStatus,
    "Where a transaction is in its life.",
    {
        "SETTLING": "Posted through this API, and not yet confirmed.",
        "POSTED": "Recorded by the program.",
        "PARTLY_REVERSED": "Some of it was taken back.",
        "VOIDED": "All of it was taken back.",
        "UNDER_REVIEW": "No machine can tell; a person will.",
        "UNKNOWN": "The program does not say.",
    },
)
described(
    LineType,
    "The kinds of line on a sales document.",
    {
        "NORMAL": "Something bought.",
        "DISCOUNT": "A discount on the whole bill.",
        "RETURN": "Something brought back.",
        "TRADE_IN": "Something old given for something new.",
        "OTHER": "Another kind of line.",
    },
)
described(
    PaymentMethod,
    "What a sale was paid with.",
    {
        "CASH": "Cash.",
        "CARD": "A card.",
        "POINTS": "Points.",
        "VOUCHER": "A voucher.",
        "OTHER": "Another way.",
    },
)
described(
    RetryAdvice,
    "What to do about an error.",
    {
        "NEVER": "Trying again will not help.",
        "AFTER_CHANGE": "Change the input, then try again.",
        "SAME_KEY": "Try again now: a mutation with the same idempotency key, a question as it is.",
        "SAME_KEY_LATER": "Try again later: a mutation with the same idempotency key, "
        "a question as it is.",
        "CHECK_OPERATION": "It may have happened: ask what became of it first.",
    },
)
described(
    ErrorCode,
    "What went wrong, in one word that code can branch on.",
    {
        "INVALID_INPUT": "The input breaks a rule; the field and the message say which.",
        "TOTALS_DO_NOT_ADD_UP": "Lines and totals disagree; the message names both figures.",
        "NOT_FOUND": "There is no such thing.",
        "MEMBER_NOT_FOUND": "There is no such member.",
        "MEMBER_AMBIGUOUS": "Several members match; narrow the search.",
        "MEMBER_NOT_ACTIVE": "The membership is switched off, suspended or merged.",
        "CONTACT_IN_USE": "Another member has this e-mail or phone.",
        "INSUFFICIENT_POINTS": "The member has too few points.",
        "REDEMPTION_RULE": "A rule of the program forbids this redemption.",
        "AUTHORIZATION_REQUIRED": "The member must show a one-time code first.",
        "AUTHORIZATION_INVALID": "The code is not right, or was used.",
        "AUTHORIZATION_EXPIRED": "The code is too old.",
        "VOUCHER_NOT_FOUND": "The member has no such voucher.",
        "VOUCHER_NOT_USABLE": "The voucher cannot be used now.",
        "OFFER_NOT_APPLICABLE": "The offer is not for this member, basket or time.",
        "OFFER_LIMIT": "The offer has been used as often as allowed.",
        "TRANSACTION_NOT_FOUND": "There is no such transaction.",
        "ALREADY_VOIDED": "It has been undone before.",
        "NOT_VOIDABLE": "It cannot be undone.",
        "REDEMPTION_NOT_FOUND": "There is no such redemption.",
        "REDEMPTION_NOT_OPEN": "The redemption is not in a state that allows this.",
        "DUPLICATE": "This was done before, under another key.",
        "IDEMPOTENCY_CONFLICT": "The key was used before, with other input.",
        "NOT_SUPPORTED": "The program cannot do this; nothing was sent.",
        "UNAUTHENTICATED": "Sign in first.",
        "FORBIDDEN": "You may not do this.",
        "OUTCOME_UNKNOWN": "It may or may not have happened.",
        "OVERLOADED": "Too much at once; try again in a moment.",
        "LIMIT_EXCEEDED": "The request is larger than allowed; the message names the limit.",
        "LEDGER_UNAVAILABLE": "Our ledger is away. REJECTED: nothing was sent. PENDING: an earlier "
        "request with this key may have been sent; repeat it.",
        "INTERNAL": "A defect of ours; the trace id finds it.",
        "PROVIDER_UNAVAILABLE": "The program cannot be reached.",
        "PROVIDER_TIMEOUT": "The program did not answer in time.",
        "PROVIDER_RATE_LIMITED": "The program's allowance of calls is used up for the moment.",
        "PROVIDER_CREDENTIALS": "The program refuses our credentials; its operator must act.",
        "PROVIDER_BAD_RESPONSE": "The program's answer could not be understood.",
        "PROVIDER_ERROR": "The program refused for a reason that we do not know.",
    },
)
