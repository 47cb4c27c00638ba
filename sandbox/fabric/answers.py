"""The envelope, the failures of contract 12.2, and how values look on the wire; no operations."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from http import HTTPStatus
from typing import TypeGuard

from sandbox.frame import Reply

REQUIRED = "This field is required."
MEMBER_UNKNOWN = "Member not found."
ENTITY_UNKNOWN = "Entity not found."
CENT = Decimal("0.01")


class Refused(Exception):
    """A call that is answered with HTTP 400: field name to texts."""

    def __init__(self, errors: Mapping[str, list[str]], message: str = "Validation failed") -> None:
        super().__init__(message)
        self.message = message
        self.errors = dict(errors)


class MemberUnknown(Refused):
    """No member has that id; how this is told is a switch."""

    def __init__(self) -> None:
        super().__init__({"profileId": [MEMBER_UNKNOWN]})


def refuse(field: str, text: str) -> Refused:
    """A refusal over one field."""
    return Refused({field: [text]})


def invalid(detail: str) -> str:
    """The text for a wrong type, enum, length or range."""
    return f"Invalid value. {detail}"


def failure(refused: Refused, http_status: int = 400) -> Reply:
    """A refusal in the envelope; an HTTP 200 still says 400 in the body (contract 3.2)."""
    status = http_status if http_status >= HTTPStatus.BAD_REQUEST else HTTPStatus.BAD_REQUEST.value
    return Reply(http_status, envelope(status, refused.message, refused.errors))


def envelope(status: int, message: str, errors: Mapping[str, list[str]]) -> dict[str, object]:
    """The body of a failure."""
    return {"message": message, "errors": dict(errors), "data": {}, "status": status}


def unauthorized(detail: str) -> Reply:
    """The other shape: 401 has no envelope (contract 3.2)."""
    return Reply(401, {"detail": detail})


def stamp(instant: datetime | None) -> str | None:
    """Transactions and rewards: `T`, microseconds, no zone (contract 3.3)."""
    if instant is None:
        return None
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def stamp_with_offset(instant: datetime | None) -> str | None:
    """tierExpiryDate: `T`, microseconds, +00:00."""
    return None if instant is None else f"{stamp(instant)}+00:00"


def stamp_with_space(instant: datetime) -> str:
    """updatedAt: a space, microseconds, +00:00."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00:00")


def end_of_day(instant: datetime) -> datetime:
    """The last second of that UTC day."""
    return instant.astimezone(UTC).replace(hour=23, minute=59, second=59, microsecond=0)


def cents(amount: Decimal) -> Decimal:
    """Currency, rounded half-up to two decimals."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def points(amount: Decimal) -> Decimal | int:
    """Points, without trailing zeros, never in scientific notation."""
    return int(amount) if amount == amount.to_integral_value() else amount.normalize()


def without_nulls(value: object) -> object:
    """The same answer with unset keys left out, at any depth."""
    if is_mapping(value):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if is_list(value):
        return [without_nulls(item) for item in value]
    return value


def is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether the value is a JSON object."""
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether the value is a JSON array."""
    return isinstance(value, list)
