"""Errors named by what the caller may do next; values too, and free of personal data."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from loyalty.operations import Operation


class ErrorCode(StrEnum):
    """The codes of the public contract."""

    INVALID_INPUT = "INVALID_INPUT"
    TOTALS_DO_NOT_ADD_UP = "TOTALS_DO_NOT_ADD_UP"
    NOT_FOUND = "NOT_FOUND"
    MEMBER_NOT_FOUND = "MEMBER_NOT_FOUND"
    MEMBER_AMBIGUOUS = "MEMBER_AMBIGUOUS"
    MEMBER_NOT_ACTIVE = "MEMBER_NOT_ACTIVE"
    CONTACT_IN_USE = "CONTACT_IN_USE"
    INSUFFICIENT_POINTS = "INSUFFICIENT_POINTS"
    REDEMPTION_RULE = "REDEMPTION_RULE"
    AUTHORIZATION_REQUIRED = "AUTHORIZATION_REQUIRED"
    AUTHORIZATION_INVALID = "AUTHORIZATION_INVALID"
    AUTHORIZATION_EXPIRED = "AUTHORIZATION_EXPIRED"
    VOUCHER_NOT_FOUND = "VOUCHER_NOT_FOUND"
    VOUCHER_NOT_USABLE = "VOUCHER_NOT_USABLE"
    OFFER_NOT_APPLICABLE = "OFFER_NOT_APPLICABLE"
    OFFER_LIMIT = "OFFER_LIMIT"
    TRANSACTION_NOT_FOUND = "TRANSACTION_NOT_FOUND"
    ALREADY_VOIDED = "ALREADY_VOIDED"
    NOT_VOIDABLE = "NOT_VOIDABLE"
    REDEMPTION_NOT_FOUND = "REDEMPTION_NOT_FOUND"
    REDEMPTION_NOT_OPEN = "REDEMPTION_NOT_OPEN"
    DUPLICATE = "DUPLICATE"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    NOT_SUPPORTED = "NOT_SUPPORTED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    OVERLOADED = "OVERLOADED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    LEDGER_UNAVAILABLE = "LEDGER_UNAVAILABLE"
    INTERNAL = "INTERNAL"
    PROVIDER_UNAVAILABLE = "PROVIDER_UNAVAILABLE"
    PROVIDER_TIMEOUT = "PROVIDER_TIMEOUT"
    PROVIDER_RATE_LIMITED = "PROVIDER_RATE_LIMITED"
    PROVIDER_CREDENTIALS = "PROVIDER_CREDENTIALS"
    PROVIDER_BAD_RESPONSE = "PROVIDER_BAD_RESPONSE"
    PROVIDER_ERROR = "PROVIDER_ERROR"


class RetryAdvice(StrEnum):
    """What a client should do about an error."""

    NEVER = "NEVER"
    AFTER_CHANGE = "AFTER_CHANGE"
    SAME_KEY = "SAME_KEY"
    SAME_KEY_LATER = "SAME_KEY_LATER"
    CHECK_OPERATION = "CHECK_OPERATION"


@dataclass(frozen=True, slots=True)
class UpstreamWords:
    """The provider's own code and text, already scrubbed of personal data, and its HTTP status."""

    code: str | None = None
    message: str | None = None
    http_status: int | None = None


class LoyaltyError(Exception):
    """Any failure that a client may be told of; the message names the remedy and no person.

    It travels as an exception between a client and its loader, and as a value in a batch's answers.
    """

    default_code: ClassVar[ErrorCode] = ErrorCode.INTERNAL
    default_retry: ClassVar[RetryAdvice] = RetryAdvice.NEVER

    def __init__(
        self,
        message: str,
        *,
        code: ErrorCode | None = None,
        field: tuple[str, ...] | None = None,
        retry: RetryAdvice | None = None,
        program: str | None = None,
        upstream: UpstreamWords | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.field = field
        self.retry = retry or self.default_retry
        self.program = program
        self.upstream = upstream


class InvalidInput(LoyaltyError):
    """The caller's input breaks a rule; `field` names the place, the message the remedy."""

    default_code = ErrorCode.INVALID_INPUT
    default_retry = RetryAdvice.AFTER_CHANGE


class Declined(LoyaltyError):
    """The provider understood and refused: nothing changed there."""

    default_code = ErrorCode.PROVIDER_ERROR


class MemberNotFound(Declined):
    """The program has no such member."""

    default_code = ErrorCode.MEMBER_NOT_FOUND


class InsufficientPoints(Declined):
    """The member has fewer points than were `asked` for; `available` is None where not told."""

    default_code = ErrorCode.INSUFFICIENT_POINTS
    default_retry = RetryAdvice.AFTER_CHANGE

    def __init__(
        self,
        message: str,
        *,
        asked: Decimal,
        available: Decimal | None = None,
        field: tuple[str, ...] | None = None,
        program: str | None = None,
        upstream: UpstreamWords | None = None,
    ) -> None:
        super().__init__(message, field=field, program=program, upstream=upstream)
        self.asked = asked
        self.available = available


class Unsupported(LoyaltyError):
    """The program cannot do this; refused before any upstream call."""

    default_code = ErrorCode.NOT_SUPPORTED

    def __init__(
        self,
        message: str,
        *,
        operation: Operation,
        alternatives: tuple[Operation, ...] = (),
        field: tuple[str, ...] | None = None,
        program: str | None = None,
    ) -> None:
        super().__init__(message, field=field, program=program)
        self.operation = operation
        self.alternatives = alternatives


class Unavailable(LoyaltyError):
    """The provider gave no usable answer to a read, or a write never left us: no effect there."""

    default_code = ErrorCode.PROVIDER_UNAVAILABLE
    default_retry = RetryAdvice.SAME_KEY_LATER

    def __init__(
        self,
        message: str,
        *,
        code: ErrorCode | None = None,
        retry: RetryAdvice | None = None,
        program: str | None = None,
        upstream: UpstreamWords | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code=code, retry=retry, program=program, upstream=upstream)
        self.retry_after = retry_after


class OutcomeUnknown(LoyaltyError):
    """A write may or may not have taken effect; never to be read as a failure."""

    default_code = ErrorCode.OUTCOME_UNKNOWN
    default_retry = RetryAdvice.CHECK_OPERATION
