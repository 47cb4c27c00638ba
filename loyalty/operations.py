"""What a program can be asked to do, and how well it does it."""

from dataclasses import dataclass
from enum import StrEnum


class Operation(StrEnum):
    """One thing an app may want of a program; the vocabulary of capabilities."""

    MEMBER_READ = "MEMBER_READ"
    MEMBER_LOOKUP = "MEMBER_LOOKUP"
    MEMBER_LIST = "MEMBER_LIST"
    MEMBER_ENROLL = "MEMBER_ENROLL"
    MEMBER_UPDATE = "MEMBER_UPDATE"
    MEMBER_MIGRATE = "MEMBER_MIGRATE"
    BALANCE_READ = "BALANCE_READ"
    EXPIRY_READ = "EXPIRY_READ"
    TIER_READ = "TIER_READ"
    TIER_LIST = "TIER_LIST"
    AFFINITY_READ = "AFFINITY_READ"
    AFFINITY_SET = "AFFINITY_SET"
    VOUCHER_LIST = "VOUCHER_LIST"
    VOUCHER_CHECK = "VOUCHER_CHECK"
    VOUCHER_CLAIM = "VOUCHER_CLAIM"
    OFFER_LIST = "OFFER_LIST"
    TRANSACTION_LIST = "TRANSACTION_LIST"
    ACTIVITY_SUMMARY = "ACTIVITY_SUMMARY"
    TRANSACTION_QUOTE = "TRANSACTION_QUOTE"
    TRANSACTION_POST = "TRANSACTION_POST"
    TRANSACTION_RETURN = "TRANSACTION_RETURN"
    TRANSACTION_VOID = "TRANSACTION_VOID"
    POINTS_REDEEM = "POINTS_REDEEM"
    VOUCHER_REDEEM = "VOUCHER_REDEEM"
    REDEMPTION_HOLD = "REDEMPTION_HOLD"
    REDEMPTION_CAPTURE = "REDEMPTION_CAPTURE"
    REDEMPTION_VOID = "REDEMPTION_VOID"
    REDEMPTION_AUTHORIZE = "REDEMPTION_AUTHORIZE"
    POINTS_ADJUST = "POINTS_ADJUST"
    POINTS_ACTIVATE = "POINTS_ACTIVATE"
    RECEIPT_UPLOAD = "RECEIPT_UPLOAD"
    MOBILE_USER_READ = "MOBILE_USER_READ"
    MEMBERSHIP_LINK = "MEMBERSHIP_LINK"
    MEMBERSHIP_UNLINK = "MEMBERSHIP_UNLINK"


OURS = frozenset({Operation.MEMBERSHIP_LINK, Operation.MEMBERSHIP_UNLINK})
"""What we do ourselves, whatever the program: no capability of anybody's."""


class SupportLevel(StrEnum):
    """How an operation is done: by the provider, by several calls, in part, or not at all."""

    NATIVE = "NATIVE"
    EMULATED = "EMULATED"
    PARTIAL = "PARTIAL"
    UNSUPPORTED = "UNSUPPORTED"


class IdempotencySupport(StrEnum):
    """Who recognises a repeated write: the provider itself, our ledger, or nobody needs to."""

    PROVIDER = "PROVIDER"
    GATEWAY = "GATEWAY"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class EarnComputation(StrEnum):
    """Who works out the points that a sale earns."""

    PROVIDER = "PROVIDER"
    CALLER = "CALLER"


class LookupKey(StrEnum):
    """A criterion by which a program can search for members."""

    NUMBER = "NUMBER"
    NATIVE_ID = "NATIVE_ID"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    NAME = "NAME"
    ATTRIBUTE = "ATTRIBUTE"
    MOBILE_USER = "MOBILE_USER"


class Environment(StrEnum):
    """Which of a provider's systems a program runs on."""

    PRODUCTION = "PRODUCTION"
    UAT = "UAT"
    SANDBOX = "SANDBOX"


@dataclass(frozen=True, slots=True)
class Capability:
    """One operation of a program, and how well it is supported."""

    operation: Operation
    support: SupportLevel
    idempotency: IdempotencySupport = IdempotencySupport.NOT_APPLICABLE
    note: str | None = None
