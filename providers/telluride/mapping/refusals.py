"""Statuses and authentication literals as loyalty errors; what they mean is data in the profile."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from loyalty.errors import (
    Declined,
    ErrorCode,
    InvalidInput,
    LoyaltyError,
    MemberNotFound,
    RetryAdvice,
    Unavailable,
    Unsupported,
    UpstreamWords,
)
from loyalty.operations import Operation
from providers.scrubbing import scrubbed
from providers.telluride.profile.apis import Api
from providers.telluride.profile.statuses import UNKNOWN_NUMBER, meaning
from providers.telluride.wire.scalars import array_of, object_of
from providers.telluride.wire.shapes import Told

_MESSAGES: Mapping[ErrorCode, str] = MappingProxyType({
    ErrorCode.INVALID_INPUT: "the provider finds a field of the request wrong; change it",
    ErrorCode.MEMBER_NOT_FOUND: "the program has no such member",
    ErrorCode.MEMBER_AMBIGUOUS: "too many members match; add another criterion",
    ErrorCode.MEMBER_NOT_ACTIVE: "the membership is not active",
    ErrorCode.CONTACT_IN_USE: "another member has this contact; give a different one",
    ErrorCode.DUPLICATE: "this was recorded before, with other details",
    ErrorCode.INSUFFICIENT_POINTS: "the member has not enough points",
    ErrorCode.REDEMPTION_RULE: "the program wants a balance inquiry before a redemption",
    ErrorCode.REDEMPTION_NOT_FOUND: "the program knows no such redemption",
    ErrorCode.ALREADY_VOIDED: "the redemption was voided before",
    ErrorCode.TRANSACTION_NOT_FOUND: "the program knows no such transaction",
    ErrorCode.OFFER_NOT_APPLICABLE: "the offer does not apply now, or not to this member",
    ErrorCode.OFFER_LIMIT: "the offer has given all it may",
    ErrorCode.NOT_FOUND: "the program knows no such offer",
    ErrorCode.PROVIDER_UNAVAILABLE: "the provider has a passing fault; try again",
    ErrorCode.PROVIDER_ERROR: "the provider refused for a reason of its own",
})  # fmt: skip

_AFTER_CHANGE = frozenset({
    ErrorCode.CONTACT_IN_USE, ErrorCode.INSUFFICIENT_POINTS, ErrorCode.MEMBER_AMBIGUOUS,
    ErrorCode.NOT_FOUND,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer says of itself; `code` None is success, `known` false an uncovered status."""

    api: Api
    code: ErrorCode | None
    known: bool
    words: UpstreamWords

    @property
    def says_no_member(self) -> bool:
        """Whether there is no such member, given that the number sent was all digits."""
        native = _integer(self.words.code)
        return self.code is ErrorCode.MEMBER_NOT_FOUND or (
            self.code is ErrorCode.INVALID_INPUT and native in UNKNOWN_NUMBER.get(self.api, ())
        )


def outcome(api: Api, told: Told | None, http_status: int) -> Outcome | None:
    """What the status says for this API; None where there is no status (contract 3, rule 6)."""
    if told is None or told.status is None:
        return None
    text = told.status_text or ""
    native = _integer(told.status)
    words = UpstreamWords(scrubbed(told.status), scrubbed(text) or None, http_status)
    if native is None:
        return Outcome(api, ErrorCode.PROVIDER_ERROR, known=False, words=words)
    found = meaning(api, native, text)
    return Outcome(api, found.code, found.known, words)


def error(program: str, failed: Outcome) -> LoyaltyError:
    """The outcome as an error that a caller can act on."""
    code = failed.code or ErrorCode.PROVIDER_ERROR
    message = _MESSAGES.get(code, _MESSAGES[ErrorCode.PROVIDER_ERROR])
    match code:
        case ErrorCode.INVALID_INPUT:
            return InvalidInput(message, program=program, upstream=failed.words)
        case ErrorCode.MEMBER_NOT_FOUND:
            return MemberNotFound(message, program=program, upstream=failed.words)
        case ErrorCode.PROVIDER_UNAVAILABLE:
            return Unavailable(message, code=code, program=program, upstream=failed.words)
        case ErrorCode.NOT_SUPPORTED:
            return unsupported_search(program)
        case _:
            retry = RetryAdvice.AFTER_CHANGE if code in _AFTER_CHANGE else RetryAdvice.NEVER
            return Declined(message, code=code, retry=retry, program=program, upstream=failed.words)


def unsupported_search(program: str) -> Unsupported:
    """The program cannot search by this combination, or this account may not."""
    return Unsupported(
        "the program cannot search by this combination; its capabilities list those it can",
        operation=Operation.MEMBER_LOOKUP,
        alternatives=(Operation.MEMBER_READ,),
        field=("by",),
        program=program,
    )


def bad_answer(program: str, what: str, words: UpstreamWords | None = None) -> Unavailable:
    """The answer cannot be understood; `what` says where, and no value."""
    return Unavailable(
        f"the provider's answer cannot be read: {what}",
        code=ErrorCode.PROVIDER_BAD_RESPONSE,
        program=program,
        upstream=words,
    )


def credentials(program: str, literal: str, http_status: int | None) -> Unavailable:
    """The account itself is refused: a matter between operator and vendor (contract 2.5)."""
    return Unavailable(
        "the provider refuses this program's account; its operator must look into it",
        code=ErrorCode.PROVIDER_CREDENTIALS,
        retry=RetryAdvice.NEVER,
        program=program,
        upstream=UpstreamWords(literal, None, http_status),
    )


_SAYING = ("Status", "status", "StatusText", "statusText", "code", "error", "message")
_NESTING = (
    "Additional", "additional", "CreateMemberResult", "GetMemberLookupResult",
    "ProcessEarnResult", "GetMemberLookupReply", "ProcessEarnReply", "error", "message",
)  # fmt: skip


def sayings(parsed: object) -> Iterator[str]:
    """The texts in which a refusal of the account may stand, at any nesting of contract 1.5."""
    for entry in array_of(parsed) or ():
        yield from sayings(entry)
    for name, part in (object_of(parsed) or {}).items():
        if name in _SAYING and isinstance(part, str):
            yield part
        elif name in _NESTING:
            yield from sayings(part)


def _integer(code: str | None) -> int | None:
    text = (code or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("0000") else None
