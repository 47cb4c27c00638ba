"""Tolerant decoders for Telluride's single values (contract 6, Q-6 to Q-11); they know no field."""

import re
from collections.abc import Callable
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, cast
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, ValidationInfo

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,18})(?:\.\d{1,9})?|[+-]?\.\d{1,9}")
_MULTIPLIER = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)[Xx]?")
_MOST = Decimal(10) ** 18
_FINEST = Decimal(1).scaleb(-12)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR = 1850


def object_of(value: object) -> dict[str, object] | None:
    """The value where it is a JSON object."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def array_of(value: object) -> list[object] | None:
    """The value where it is a JSON array."""
    return cast("list[object]", value) if isinstance(value, list) else None


def is_blank(value: object) -> bool:
    """Whether the value is one of the ways to say nothing: null, "", {}, [], [{}] (Q-6)."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    entries = array_of(value)
    if entries is not None:
        return all(is_blank(entry) for entry in entries)
    return object_of(value) == {}


def _number(value: object) -> Decimal:
    """An exact number, from a JSON number or from text such as "17,530" or "5.0" (Q-7)."""
    if isinstance(value, bool):
        raise ValueError("a boolean is no number")  # noqa: TRY004 (pydantic wants ValueError)
    if isinstance(value, str):
        text = value.strip()
        if _NUMBER.fullmatch(text) is None:
            raise ValueError("not a number")
        return Decimal(text.replace(",", ""))
    if isinstance(value, int | Decimal):
        number = Decimal(value)
        if number.is_finite() and (not number or _FINEST <= abs(number) < _MOST):
            return number
    raise ValueError("not a number")


def _points(value: object) -> Decimal:
    number = _number(value)
    if number != number.to_integral_value():
        raise ValueError("points are whole")
    return number.quantize(Decimal(1))


def _integer(value: object) -> int:
    return int(_points(value))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | Decimal):
        return str(value)
    raise ValueError("not a text")


def _digits(value: object) -> str:
    """A number that is a name, such as a member's; it never passes through a double (Q-10)."""
    if isinstance(value, Decimal):
        value = _integer(value)
    text = _text(value)
    if not text.isascii() or not text.isdigit():
        raise ValueError("not digits")
    return text


def _flag(value: object) -> bool | None:
    """Y and N, "true" and "false", or a boolean (Q-19); an unknown letter says nothing."""
    if isinstance(value, bool):
        return value
    return {"Y": True, "TRUE": True, "N": False, "FALSE": False}.get(_text(value).upper())


def _multiplier(value: object) -> Decimal | None:
    """How many times the ordinary worth: "1.0", "1X", "1" (Q-28); a word such as FIXED is None."""
    match = _MULTIPLIER.fullmatch(_text(value))
    if match is None:
        return None
    return Decimal(match.group(1)) or None


def _instant(value: object) -> datetime | None:
    """Epoch milliseconds (Q-8 a)."""
    try:
        instant = _EPOCH + timedelta(milliseconds=_integer(value))
    except OverflowError:
        raise ValueError("no instant") from None
    return instant if _is_real(instant) else None


def _moment(value: object, info: ValidationInfo) -> datetime | None:
    """A date and time with a T or a space; without a zone it gets the program's (Q-8, Q-9)."""
    moment = datetime.fromisoformat(_text(value))
    if not _is_real(moment):
        return None
    if moment.tzinfo is not None:
        return moment
    zone = info.context
    if not isinstance(zone, ZoneInfo):
        raise TypeError("decoding needs the program's zone as its context")
    return moment.replace(tzinfo=zone)


def _day(value: object) -> date | None:
    """YYYY-MM-DD or YYYYMMDD, with or without a time after it (Q-8)."""
    day = date.fromisoformat(re.split(r"[T ]", _text(value), maxsplit=1)[0])
    return day if _is_real(day) else None


def _is_real(day: date) -> bool:
    """Years such as 0001 and 9999 stand for no date at all."""
    return _FIRST_YEAR <= day.year < MAXYEAR


def _unless_blank(decode: Callable[[object], object]) -> BeforeValidator:
    def decoded(value: object) -> object:
        return None if is_blank(value) else decode(value)

    return BeforeValidator(decoded)


def _moment_unless_blank(value: object, info: ValidationInfo) -> datetime | None:
    return None if is_blank(value) else _moment(value, info)


Text = Annotated[str | None, _unless_blank(_text)]
Digits = Annotated[str | None, _unless_blank(_digits)]
Points = Annotated[Decimal | None, _unless_blank(_points)]
Dollars = Annotated[Decimal | None, _unless_blank(_number)]
Whole = Annotated[int | None, _unless_blank(_integer)]
Flag = Annotated[bool | None, _unless_blank(_flag)]
Multiplier = Annotated[Decimal | None, _unless_blank(_multiplier)]
Instant = Annotated[datetime | None, _unless_blank(_instant)]
Moment = Annotated[datetime | None, BeforeValidator(_moment_unless_blank)]
Day = Annotated[date | None, _unless_blank(_day)]
