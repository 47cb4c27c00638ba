"""What a refused call means, by the table in profile.py; and its words without personal data."""

import re
from decimal import Decimal

from loyalty.errors import (
    Declined,
    ErrorCode,
    InsufficientPoints,
    InvalidInput,
    LoyaltyError,
    MemberNotFound,
    OutcomeUnknown,
    RetryAdvice,
    Unavailable,
    UpstreamWords,
)
from providers.onerewards.profile import REFUSALS, Refusal, Upstream
from providers.onerewards.wire.refusals import refusal_words
from providers.scrubbing import scrubbed

_MESSAGES: dict[ErrorCode, str] = {
    ErrorCode.PROVIDER_CREDENTIALS: (
        "the provider refuses this program's account; check integration_id, api_key, key_id "
        "and the key's permissions"
    ),
    ErrorCode.PROVIDER_UNAVAILABLE: "the provider failed; try again later",
    ErrorCode.PROVIDER_RATE_LIMITED: "the provider's quota is used up; try again later",
    ErrorCode.PROVIDER_BAD_RESPONSE: "the provider's answer is not what its contract says",
    ErrorCode.PROVIDER_ERROR: "the provider refused for a reason we do not know",
    ErrorCode.NOT_FOUND: "the provider does not know it; check the ids",
    ErrorCode.MEMBER_NOT_FOUND: "the program has no such member",
    ErrorCode.TRANSACTION_NOT_FOUND: "the program has no such transaction",
    ErrorCode.OFFER_NOT_APPLICABLE: "the member cannot get this now",
    ErrorCode.AUTHORIZATION_INVALID: "the code is wrong or used up; ask the member for a new one",
    ErrorCode.DUPLICATE: "this document was posted before, with other content",
    ErrorCode.CONTACT_IN_USE: "another member has this contact",
    ErrorCode.INVALID_INPUT: "the provider does not take this value; correct it",
    ErrorCode.MEMBER_NOT_ACTIVE: "the member is not active; nothing can be recorded for them",
    ErrorCode.AUTHORIZATION_REQUIRED: (
        "the member is linked to the app: ask for its code, call authorizeRedemption, and hand "
        "its authorization in"
    ),
    ErrorCode.INSUFFICIENT_POINTS: "the member has not enough points",
    ErrorCode.VOUCHER_NOT_USABLE: "the voucher cannot be used now; check it before",
    ErrorCode.OFFER_LIMIT: "there are no more of these for the member",
    ErrorCode.NOT_VOIDABLE: "what it earned is spent; it can no longer be voided",
}

_AFTER_CHANGE = frozenset(
    {
        ErrorCode.AUTHORIZATION_INVALID,
        ErrorCode.AUTHORIZATION_REQUIRED,
        ErrorCode.CONTACT_IN_USE,
        ErrorCode.INVALID_INPUT,
        ErrorCode.MEMBER_NOT_FOUND,
        ErrorCode.VOUCHER_NOT_USABLE,
    }
)

_UNAVAILABLE = frozenset(
    {
        ErrorCode.PROVIDER_CREDENTIALS,
        ErrorCode.PROVIDER_UNAVAILABLE,
        ErrorCode.PROVIDER_RATE_LIMITED,
        ErrorCode.PROVIDER_BAD_RESPONSE,
    }
)


def fitting(operation: Upstream, status: int, body: bytes) -> Refusal | None:
    """The row of the table that says what this refusal means; None where none does."""
    text = normalised(refusal_words(body) or "")
    for row in REFUSALS:
        if row.operation in (None, operation) and row.status == status and row.words in text:
            return row
    return None


def error(code: ErrorCode, program: str, status: int, body: bytes = b"") -> LoyaltyError:
    """The failure to tell, with the provider's scrubbed words."""
    upstream = native_words(status, body)
    message = _MESSAGES.get(code, _MESSAGES[ErrorCode.PROVIDER_ERROR])
    if code not in _UNAVAILABLE:
        return Declined(message, code=code, program=program, upstream=upstream)
    retry = RetryAdvice.NEVER if code is ErrorCode.PROVIDER_CREDENTIALS else None
    return Unavailable(message, code=code, retry=retry, program=program, upstream=upstream)


def refused(
    code: ErrorCode,
    program: str,
    upstream: UpstreamWords,
    field: tuple[str, ...] | None = None,
) -> LoyaltyError:
    """A refused change, as its own kind of error: nothing happened at the provider."""
    message = _MESSAGES.get(code, _MESSAGES[ErrorCode.PROVIDER_ERROR])
    kind = {ErrorCode.INVALID_INPUT: InvalidInput, ErrorCode.MEMBER_NOT_FOUND: MemberNotFound}
    retry = RetryAdvice.AFTER_CHANGE if code in _AFTER_CHANGE else RetryAdvice.NEVER
    return kind.get(code, Declined)(
        message, code=code, field=field, retry=retry, program=program, upstream=upstream
    )


def too_few_points(
    program: str,
    upstream: UpstreamWords | None,
    field: tuple[str, ...] | None,
    asked: Decimal,
    available: Decimal | None,
) -> InsufficientPoints:
    """More points were asked for than the member has."""
    return InsufficientPoints(
        _MESSAGES[ErrorCode.INSUFFICIENT_POINTS],
        asked=asked,
        available=available,
        field=field,
        program=program,
        upstream=upstream,
    )


def unknown(program: str, upstream: UpstreamWords | None = None) -> OutcomeUnknown:
    """A change of which nobody can say whether it was made."""
    return OutcomeUnknown(
        "the provider's answer does not tell whether this was done",
        program=program,
        upstream=upstream,
    )


def is_passing(code: ErrorCode) -> bool:
    """Whether the refusal is none of the change itself: it was not looked at."""
    return code in _UNAVAILABLE


def native_words(status: int, body: bytes) -> UpstreamWords:
    """The provider's own words, scrubbed."""
    words = refusal_words(body)
    return UpstreamWords(
        code=str(status), message=None if words is None else scrubbed(words), http_status=status
    )


def bad_answer(program: str, status: int | None = None) -> Unavailable:
    """An answer that cannot be read, or that is about something else than was asked."""
    return Unavailable(
        _MESSAGES[ErrorCode.PROVIDER_BAD_RESPONSE],
        code=ErrorCode.PROVIDER_BAD_RESPONSE,
        program=program,
        upstream=None if status is None else UpstreamWords(http_status=status),
    )


def normalised(text: str) -> str:
    """A text to compare by: lower case, no punctuation, every number as #."""
    return " ".join(re.sub(r"[^a-z#]+", " ", re.sub(r"\d+", "#", text.lower())).split())
