"""What a bad answer means: a failure's words read, looked up in the table, and scrubbed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TypeVar, cast

from pydantic import ValidationError

from loyalty.errors import (
    Declined,
    ErrorCode,
    InvalidInput,
    LoyaltyError,
    MemberNotFound,
    RetryAdvice,
    Unavailable,
    UpstreamWords,
)
from providers.exact_json import NotJson, parsed
from providers.fabric.mapping.tenant import Unreadable
from providers.fabric.profile import PAST_REFUSALS, REFUSALS, Refusal, Upstream
from providers.fabric.settings import Assumptions
from providers.fabric.wire.envelope import WireFailure, WireReply
from providers.scrubbing import scrubbed

W = TypeVar("W", bound=WireReply)

_ONE_MEMBER = frozenset(
    {
        Upstream.GET_MEMBERS,
        Upstream.GET_MEMBER_POINTS,
        Upstream.GET_POINTS_TO_BE_EXPIRED,
        Upstream.GET_EXPIRED_POINTS,
        Upstream.GET_REDEEMABLE_POINTS,
        Upstream.REWARDS_HISTORY,
        Upstream.GET_TRANSACTIONS,
        Upstream.GET_DISCOUNTS,
    }
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed call: the status that counts, and what it complains of as (key, text)."""

    status: int
    complaints: tuple[tuple[str, str], ...] = ()
    message: str | None = None


def opened(status: int, body: bytes, shape: type[W]) -> W | Failure:
    """The answer in its shape, or the failure it is (contract 3.2); raises Unreadable.

    A failure is HTTP >= 400, or a body status >= 400, or any complaint in `errors` or in
    `ExceptionString`, even in an HTTP 200.
    """
    try:
        told = parsed(body)
    except NotJson:
        return _wordless(status)
    if status >= HTTPStatus.BAD_REQUEST:
        return _failure(status, told)
    try:
        reply = shape.model_validate(told)
    except ValidationError:
        return _failure_in_disguise(status, told)
    complained = reply.exception is not None or any(_complaints(reply.errors))
    if complained or reply.status >= HTTPStatus.BAD_REQUEST:
        return _failure(max(status, reply.status), told)
    return reply


def _failure(status: int, told: object) -> Failure:
    try:
        wire = WireFailure.model_validate(told)
    except ValidationError:
        return _wordless(status)
    failed = wire.status is not None and wire.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return _told(wire.status if failed and wire.status else status, wire)


def _wordless(status: int) -> Failure:
    """The failure by its status alone, where that is enough; raises Unreadable."""
    if status in dict(PAST_REFUSALS) or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failure(status)
    raise Unreadable from None


def _failure_in_disguise(status: int, told: object) -> Failure:
    """An answer that is no success: perhaps the envelope of a failure, in an HTTP 200."""
    try:
        wire = WireFailure.model_validate(told)
    except ValidationError:
        raise Unreadable from None
    failure = _told(max(status, wire.status or 0), wire)
    if failure.status < HTTPStatus.BAD_REQUEST and not failure.complaints:
        raise Unreadable
    return failure


def _told(status: int, wire: WireFailure) -> Failure:
    complaints = [*_complaints(wire.errors), *_complaint_of_data(wire.data)]
    if wire.detail is not None:
        complaints.append(("detail", wire.detail))
    return Failure(status, tuple(complaints), wire.message)


def _complaints(errors: object, key: str = "") -> Iterator[tuple[str, str]]:
    """All texts of `errors`: an object of lists, a list, a string or nothing (contract 3.1)."""
    match errors:
        case str():
            if errors.strip():
                yield key, errors
        case list():
            for item in cast("list[object]", errors):
                yield from (_complaints(item, key) if item else ((key, ""),))
        case dict():
            for name, item in cast("dict[str, object]", errors).items():
                yield from _complaints(item, name)
        case None | False:
            return
        case _:
            yield key, str(errors)


def _complaint_of_data(data: object) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        record = cast("dict[str, object]", data)
        yield from _complaints(record.get("ExceptionString"), "ExceptionString")


class Refusals:
    """The error table of one program: the profile's, and the setting that tells of absence."""

    def __init__(self, program: str, assumptions: Assumptions) -> None:
        self._program = program
        self._any_is_absence = assumptions.any_refusal_is_absence
        self._absence_statuses = assumptions.absent_member_statuses
        self._table = (*_absence(assumptions), *REFUSALS)

    def row(self, operation: Upstream, failure: Failure) -> Refusal | None:
        """The first row of the table that fits, or None for a failure nobody has mapped."""
        words = [(normal(key), normal(text)) for key, text in failure.complaints]
        for row in self._table:
            if failure.status not in row.statuses or not _concerns(row, operation):
                continue
            if any(_fits(row, key, text) for key, text in words):
                return row
        absent = self._any_is_absence and failure.status in self._absence_statuses
        return Refusal(ErrorCode.MEMBER_NOT_FOUND) if absent and operation in _ONE_MEMBER else None

    def error(self, operation: Upstream, failure: Failure) -> LoyaltyError:
        """The failure in our words; `row` tells whether it is a known one."""
        past = dict(PAST_REFUSALS).get(failure.status)
        words = _words(failure)
        if past is None and failure.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            past = ErrorCode.PROVIDER_UNAVAILABLE
        if past is not None:
            hopeless = past is ErrorCode.PROVIDER_CREDENTIALS
            return Unavailable(
                _REMEDY[past],
                code=past,
                retry=RetryAdvice.NEVER if hopeless else None,
                program=self._program,
                upstream=words,
            )
        return self._refused(self.row(operation, failure), words)

    def refused(self, operation: Upstream, failure: Failure) -> LoyaltyError:
        """A refused write in our words; one that came in an HTTP 200 is read as a 400."""
        plain = replace(failure, status=max(failure.status, HTTPStatus.BAD_REQUEST.value))
        return self._refused(self.row(operation, plain), _words(failure))

    def _refused(self, row: Refusal | None, words: UpstreamWords) -> LoyaltyError:
        if row is None:
            return Declined("the provider refused", program=self._program, upstream=words)
        match row.code:
            case ErrorCode.MEMBER_NOT_FOUND:
                return MemberNotFound(
                    "the program has no such member", program=self._program, upstream=words
                )
            case ErrorCode.INVALID_INPUT | ErrorCode.TOTALS_DO_NOT_ADD_UP:
                return InvalidInput(
                    row.message or "the provider does not accept a value",
                    code=row.code,
                    field=row.field,
                    program=self._program,
                    upstream=words,
                )
            case _:
                return Declined(
                    "the provider refused",
                    code=row.code,
                    field=row.field,
                    retry=advice(row.code),
                    program=self._program,
                    upstream=words,
                )


def advice(code: ErrorCode) -> RetryAdvice:
    """What to do about a refusal: with another contact it may go through."""
    return RetryAdvice.AFTER_CHANGE if code is ErrorCode.CONTACT_IN_USE else RetryAdvice.NEVER


_REMEDY = {
    ErrorCode.PROVIDER_CREDENTIALS: "the provider refuses our credentials; the operator must act",
    ErrorCode.PROVIDER_RATE_LIMITED: "the provider asks for patience; try later",
    ErrorCode.PROVIDER_UNAVAILABLE: "the provider has failed; try again",
}


def _absence(assumptions: Assumptions) -> Iterator[Refusal]:
    for entry in assumptions.absent_member:
        key, _, text = entry.partition(":")
        yield Refusal(
            ErrorCode.MEMBER_NOT_FOUND,
            normal(key),
            normal(text),
            statuses=assumptions.absent_member_statuses,
        )


def _concerns(row: Refusal, operation: Upstream) -> bool:
    return not row.operations or operation in row.operations


def _fits(row: Refusal, key: str, text: str) -> bool:
    return row.key in ("", key) and text.startswith(row.text)


def normal(text: str) -> str:
    """A text as the table has it: lower case, single spaces, no final stop."""
    return " ".join(text.lower().split()).rstrip(".")


def _words(failure: Failure) -> UpstreamWords:
    key, text = next(iter(failure.complaints), ("", failure.message or ""))
    return UpstreamWords(
        code=scrubbed(key) or None,
        message=scrubbed(text) or None,
        http_status=failure.status,
    )
