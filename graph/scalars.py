"""The scalars of the public schema: exact decimals, and times that always carry an offset."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NewType, cast

import orjson
import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

CurrencyCode = NewType("CurrencyCode", str)
Json = NewType("Json", object)

_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?")
_MOST = Decimal(10) ** 18
_FINEST = -30
_YEARS = range(1900, 2201)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_INSTANT = 40
_OFFSET = re.compile(r"([zZ]|[+-][0-9]{2}:[0-9]{2})$")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LEAST_NUMBER, _MOST_NUMBER = -(2**63), 2**64 - 1


def _decimal_text(value: Decimal) -> str:
    """Plain digits: never an exponent, never NaN."""
    if not value.is_finite() or value.adjusted() > -_FINEST or _exponent(value) < _FINEST:
        msg = "not a finite number"
        raise GraphQLError(msg)
    return f"{value:f}"


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _decimal(value: object) -> Decimal:
    """A decimal from its text, or from an integer; a JSON fraction has lost its exactness."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MOST:
        return Decimal(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    msg = (
        'write a decimal as a string, like "12.50", with at most 18 digits before the point '
        "and 12 after it"
    )
    raise GraphQLError(msg)


def _instant(value: object) -> datetime:
    """An instant from RFC 3339 text; one without an offset is refused."""
    if (
        isinstance(value, str)
        and len(value) <= _LONGEST_INSTANT
        and _OFFSET.search(value)
        and "T" in value
    ):
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            instant = None
        if instant is not None and instant.year in _YEARS:
            return instant
    msg = (
        'write an instant with its offset, like "2026-03-14T09:30:00+08:00", '
        "of a year from 1900 to 2200"
    )
    raise GraphQLError(msg)


def _day(value: object) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    msg = 'write a date like "2026-03-14"'
    raise GraphQLError(msg)


def _currency(value: object) -> str:
    if isinstance(value, str) and _CURRENCY.fullmatch(value):
        return value
    msg = 'write a currency as its ISO 4217 code, like "MYR"'
    raise GraphQLError(msg)


def _json(value: object) -> object:
    """A provider's JSON with every number as it came, which no double may touch."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value).items()
        return {name: _json(part) for name, part in pairs}
    if isinstance(value, list):
        return [_json(part) for part in cast("list[object]", value)]
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    if isinstance(value, int) and not _LEAST_NUMBER <= value <= _MOST_NUMBER:
        return orjson.Fragment(str(value))
    return value


def _definition(**kwargs: Any) -> ScalarDefinition:
    return cast("ScalarDefinition", strawberry.scalar(**kwargs))


SCALARS: Mapping[object, ScalarDefinition] = {
    Decimal: _definition(
        name="Decimal",
        description='Arbitrary-precision decimal as a JSON string: "12.50".',
        serialize=_decimal_text,
        parse_value=_decimal,
    ),
    datetime: _definition(
        name="DateTime",
        description="RFC 3339 instant, always with an offset.",
        serialize=datetime.isoformat,
        parse_value=_instant,
    ),
    date: _definition(
        name="Date",
        description="ISO 8601 calendar date.",
        serialize=date.isoformat,
        parse_value=_day,
    ),
    CurrencyCode: _definition(
        name="CurrencyCode",
        description="ISO 4217 code.",
        serialize=str,
        parse_value=_currency,
    ),
    Json: _definition(
        name="JSON",
        description="JSON as a program sent it: its numbers are numbers, digit by digit.",
        serialize=_json,
    ),
}
