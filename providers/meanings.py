"""What a failed call or a bare HTTP status means for reads and for writes; calls nothing."""

from datetime import UTC, datetime
from http import HTTPStatus

from loyalty.errors import ErrorCode, LoyaltyError, OutcomeUnknown, Unavailable, UpstreamWords
from providers.breaker import Permit
from providers.calls import Interrupted, NeverLeft, NeverLeftReason, Reply
from providers.rate import retry_after


def _utc_now() -> datetime:
    return datetime.now(UTC)


class NoAnswer(Exception):
    """An HTTP status that says nothing of what was asked."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        super().__init__(status)
        self.status = status
        self.retry_after = retry_after


Failure = NeverLeft | Interrupted | NoAnswer
FAILURES = (NeverLeft, Interrupted, NoAnswer)
PROVIDERS_FAULT: frozenset[NeverLeftReason] = frozenset({"connect", "tls", "dns"})
_TURNED_AWAY = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.REQUEST_URI_TOO_LONG,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    }
)
_PASSING = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)


def is_answer(status: int) -> bool:
    """Whether an adapter may find something in it; 3xx, 429 and 5xx but 500 are none."""
    return (
        status < HTTPStatus.MULTIPLE_CHOICES
        or HTTPStatus.BAD_REQUEST <= status <= HTTPStatus.INTERNAL_SERVER_ERROR
    ) and status != HTTPStatus.TOO_MANY_REQUESTS


def no_verdict(program: str, reply: Reply) -> LoyaltyError | None:
    """What an answer to a write means where its status alone says that no body can tell more.

    Unavailable: it was turned away before anybody looked at it (429, and what a front server finds
    too big or of no known type). OutcomeUnknown: 5xx, 3xx, 408. None: read the body.
    """
    words = UpstreamWords(http_status=reply.status)
    if reply.status in _TURNED_AWAY:
        code, text = meaning(NoAnswer(HTTPStatus.TOO_MANY_REQUESTS, None))
        if reply.status != HTTPStatus.TOO_MANY_REQUESTS:
            code, text = ErrorCode.PROVIDER_ERROR, "the provider does not take the request"
        return Unavailable(
            text,
            code=code,
            program=program,
            upstream=words,
            retry_after=retry_after(reply.headers, _utc_now),
        )
    if (
        reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST
        or reply.status == HTTPStatus.REQUEST_TIMEOUT
    ):
        return OutcomeUnknown(
            "the provider failed while it worked on it", program=program, upstream=words
        )
    return None


def judge(reply: Reply, permit: Permit) -> None:
    """A 5xx is held against the provider, a 429 is not: the limiter sees to that."""
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        permit.bad()
    elif reply.status != HTTPStatus.TOO_MANY_REQUESTS:
        permit.good()


def may_help(failure: Failure) -> bool:
    """Whether the same call may fare better in a moment."""
    match failure:
        case NeverLeft():
            return failure.reason in PROVIDERS_FAULT or failure.reason == "pool"
        case Interrupted():
            return failure.reason != "too_large"
        case NoAnswer(status=HTTPStatus.TOO_MANY_REQUESTS):
            return failure.retry_after is not None
        case _:
            return failure.status in _PASSING


def meaning(failure: Failure) -> tuple[ErrorCode, str]:
    """What a client is told of a failure: its code, and the remedy."""
    match failure:
        case NeverLeft(reason="deadline") | Interrupted(reason="timeout"):
            return ErrorCode.PROVIDER_TIMEOUT, "the provider was too slow; try again"
        case NeverLeft(reason="limiter") | NoAnswer(status=HTTPStatus.TOO_MANY_REQUESTS):
            return ErrorCode.PROVIDER_RATE_LIMITED, "the provider's quota is used up; try later"
        case Interrupted(reason="protocol" | "too_large"):
            return ErrorCode.PROVIDER_BAD_RESPONSE, "the provider's answer cannot be read"
        case NoAnswer(status=status) if status < HTTPStatus.BAD_REQUEST:
            return ErrorCode.PROVIDER_BAD_RESPONSE, "the provider points elsewhere; check its URL"
        case _:
            return ErrorCode.PROVIDER_UNAVAILABLE, "the provider cannot be reached; try later"
