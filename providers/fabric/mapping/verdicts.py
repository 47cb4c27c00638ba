"""Which answers to a write prove something: the documented success, or the documented refusal."""

from http import HTTPStatus

from providers.fabric.mapping.refusals import Failure
from providers.fabric.wire.envelope import WireFailure, WireReply

_NO_REFUSAL = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
)


def is_success(reply: WireReply) -> bool:
    """Whether the status within the body says so too (contract 3.1)."""
    return HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES


def is_refusal(failure: Failure) -> bool:
    """Whether it is the envelope of a refusal: below 500, with an error text (contract 3.2).

    `detail` is no part of the envelope: whoever says it alone is perhaps not the provider.
    """
    if failure.status >= HTTPStatus.INTERNAL_SERVER_ERROR or failure.status in _NO_REFUSAL:
        return False
    if any(key != "detail" for key, _ in failure.complaints):
        return True
    plain = failure.status == HTTPStatus.BAD_REQUEST and not failure.complaints
    return plain and failure.message is not None


def is_detail(told: object) -> bool:
    """Whether it is the shape of a 401: `detail` alone."""
    if not isinstance(told, dict):
        return False
    wire = WireFailure.model_validate(told)
    return wire.detail is not None and wire.status is None and wire.errors is None
