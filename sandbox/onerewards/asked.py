"""Reading what a caller asks: query values, bodies, pages and filters; refuses, never answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar
from uuid import UUID

from sandbox.frame import Arrival
from sandbox.jsons import as_array, as_object
from sandbox.onerewards.doors import Refused
from sandbox.onerewards.entities import instant, local

PAGE_SIZE = 100
"""Records of a full page; there is no size parameter (OneRewards contract 1.9)."""

LARGEST = Decimal(10) ** 15
"""Amounts from here on are out of the vendor's range; no width is documented."""

Value = TypeVar("Value", int, str)
Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Filter(Generic[Value]):
    """One filtered field: any of `chosen` (None = all), and within the closed range."""

    chosen: frozenset[Value] | None = None
    first: Value | None = None
    last: Value | None = None

    def admits(self, value: Value | None) -> bool:
        """Whether a record with this value passes; an empty field passes no constraint."""
        if self.chosen is None and self.first is None and self.last is None:
            return True
        return (
            value is not None
            and (self.chosen is None or value in self.chosen)
            and (self.first is None or value >= self.first)
            and (self.last is None or value <= self.last)
        )


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON object whose property names match in any case; unknown ones are ignored."""

    properties: dict[str, object]

    def get(self, name: str) -> object:
        """The value under a name, None when absent or null."""
        return self.properties.get(name.lower())

    def part(self, name: str) -> "Body":
        """A nested object; absent or null reads as an empty one."""
        value = self.get(name)
        return Body({}) if value is None else _as_body(value, name)

    def page(self) -> int:
        """The page wanted, from 1."""
        page = self.get("page")
        if type(page) is not int or page < 1:
            raise Refused(400, "page must be a number from 1.")
        return page

    def ints(self, name: str) -> Filter[int]:
        """An Int Filter Input Model."""
        return self._filter(name, _as_int)

    def strings(self, name: str) -> Filter[str]:
        """A String Filter Input Model."""
        return self._filter(name, _as_str)

    def text(self, name: str) -> str:
        """A text that must be there and not blank."""
        value = self.get(name)
        if not isinstance(value, str) or not value.strip():
            raise Refused(400, f"{name} is required.")
        return value

    def has(self, name: str) -> bool:
        """Whether the property was sent, null included."""
        return name.lower() in self.properties

    def optional_text(self, name: str) -> str | None:
        """A text, None when absent, null or blank."""
        value = self.get(name)
        return None if value is None else _as_str(value, name).strip() or None

    def integer(self, name: str) -> int:
        """A whole number that must be there."""
        value = self.get(name)
        if value is None:
            raise Refused(400, f"{name} is required.")
        return _as_int(value, name)

    def optional_integer(self, name: str) -> int | None:
        """A whole number, None when absent or null."""
        value = self.get(name)
        return None if value is None else _as_int(value, name)

    def decimal(self, name: str) -> Decimal | None:
        """An amount, None when absent or null; a text is not a number."""
        value = self.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise Refused(400, f"{name} must be a number.")
        figure = Decimal(value)
        if not abs(figure) < LARGEST:
            raise Refused(400, f"{name} is out of range.")
        return figure

    def day(self, name: str) -> date | None:
        """A calendar day of the company, None when absent, null or blank."""
        text = self.optional_text(name)
        if text is None:
            return None
        wall = _wall_or_aware(text, name)
        return (wall if wall.tzinfo is None else local(wall)).date()

    def instant(self, name: str) -> datetime:
        """An instant that must be there; without an offset it is the company's wall clock."""
        moment = _wall_or_aware(self.text(name), name)
        return instant(moment) if moment.tzinfo is None else moment.astimezone(UTC)

    def objects(self, name: str) -> list["Body"]:
        """An array of objects; absent or null reads as an empty one."""
        given = self.get(name)
        found = [] if given is None else as_array(given)
        if found is None:
            raise Refused(400, f"{name} must be an array.")
        return [_as_body(each, name) for each in found]

    def _filter(self, name: str, read: Callable[[object, str], Value]) -> Filter[Value]:
        model = self.part(name)
        given = model.get("multiSelect")
        chosen = [] if given is None else as_array(given)
        if chosen is None:
            raise Refused(400, f"{name}.multiSelect must be an array.")
        values = frozenset(read(value, name) for value in chosen)
        first, last = model.get("from"), model.get("to")
        return Filter(
            chosen=values or None,
            first=None if first is None else read(first, name),
            last=None if last is None else read(last, name),
        )


def body_of(arrival: Arrival) -> Body:
    """The request's object; 415 for another content type, 400 for none or not an object."""
    return _as_body(json_of(arrival), "The body")


def json_of(arrival: Arrival) -> object:
    """The request's JSON; 415 for another content type, 400 for none."""
    content_type = arrival.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise Refused(415, "Content-Type must be application/json.")
    if not arrival.body.strip():
        raise Refused(400, "An empty payload is not acceptable.")
    return arrival.json()


def whole(arrival: Arrival, name: str) -> int:
    """A whole number in the query that must be there."""
    try:
        return int(_required(arrival, name))
    except ValueError as error:
        raise Refused(400, f"{name} must be a number.") from error


def word(arrival: Arrival, name: str) -> str:
    """A text in the query that must be there."""
    return _required(arrival, name)


def amount(arrival: Arrival, name: str) -> Decimal | None:
    """A decimal in the query, None when it is left out or empty."""
    given = arrival.query.get(name, "")
    if not given:
        return None
    try:
        value = Decimal(given)
    except InvalidOperation as error:
        raise Refused(400, f"{name} must be a number.") from error
    if not value.is_finite():
        raise Refused(400, f"{name} must be a number.")
    return value


def guid(value: str, name: str) -> str:
    """A GUID in its hyphenated lower-case form."""
    try:
        parsed = str(UUID(value))
    except ValueError as error:
        raise Refused(400, f"{name} must be a GUID.") from error
    if parsed != value.lower():
        raise Refused(400, f"{name} must be a hyphenated GUID.")
    return parsed


def page_of(records: list[Record], page: int) -> list[Record]:
    """One page of records; past the end it is empty."""
    return records[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]


def _required(arrival: Arrival, name: str) -> str:
    given = arrival.query.get(name, "").strip()
    if not given:
        raise Refused(400, f"{name} is required.")
    return given


def _as_body(value: object, name: str) -> Body:
    found = as_object(value)
    if found is None:
        raise Refused(400, f"{name} must be an object.")
    return Body({key.lower(): part for key, part in found.items()})


def _wall_or_aware(text: str, name: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(400, f"{name} must be a date.") from error


def _as_int(value: object, name: str) -> int:
    if type(value) is not int:
        raise Refused(400, f"{name} takes whole numbers.")
    return value


def _as_str(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise Refused(400, f"{name} takes texts.")
    return value
