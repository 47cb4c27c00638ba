"""Reading a JSON body field by field, collecting what is wrong (contract 12.2); no answers."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from sandbox.fabric.answers import REQUIRED, Refused, invalid, is_list, is_mapping, refuse
from sandbox.fabric.queries import instant, uuid

T = TypeVar("T")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Fields:
    """A JSON object being read; a faulty field yields a stand-in and an entry in `errors`."""

    def __init__(self, raw: object, errors: dict[str, list[str]], within: str = "") -> None:
        if not is_mapping(raw):
            raise refuse(within.rstrip(".") or "ExceptionString", invalid("Must be an object."))
        self._raw = raw
        self._within = within
        self.errors = errors

    def uuid(self, name: str) -> str:
        """A required UUID."""
        return self._required(name, _uuid, "Must be a valid UUID.", "")

    def text(self, name: str) -> str:
        """A required string of at least one character."""
        return self._required(name, _text, "Must be a string of at least 1 character.", "")

    def instant(self, name: str) -> datetime:
        """A required timestamp in any of the accepted forms."""
        return self._required(name, _instant, "Must be a date and time.", _NEVER)

    def number(self, name: str) -> Decimal:
        """A required JSON number; booleans are none."""
        return self._required(name, _number, "Must be a number.", Decimal(0))

    def texts(self, name: str) -> list[str]:
        """A required array of strings."""
        return self._required(name, _texts, "Must be an array of strings.", [])

    def objects(self, name: str) -> Iterator["Fields"]:
        """The objects of an optional array."""
        rows = self._raw.get(name)
        if rows is None:
            return
        if not is_list(rows):
            self._fault(name, invalid("Must be an array."))
            return
        for place, row in enumerate(rows):
            yield Fields(row, self.errors, f"{self._within}{name}[{place}].")

    def check(self) -> None:
        """Raise Refused if anything read so far was wrong."""
        if self.errors:
            raise Refused(self.errors)

    def _required(self, name: str, reader: Callable[[object], T], detail: str, stand_in: T) -> T:
        value = self._raw.get(name)
        if value is None:
            self._fault(name, REQUIRED)
            return stand_in
        try:
            return reader(value)
        except ValueError:
            self._fault(name, invalid(detail))
            return stand_in

    def _fault(self, name: str, text: str) -> None:
        self.errors.setdefault(f"{self._within}{name}", []).append(text)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(value)
    return value


def _uuid(value: object) -> str:
    return uuid(_text(value))


def _instant(value: object) -> datetime:
    return instant(_text(value))


def _number(value: object) -> Decimal:
    match value:
        case bool():
            raise ValueError(value)
        case int() | Decimal():
            return Decimal(value)
        case _:
            raise ValueError(value)


def _texts(value: object) -> list[str]:
    if not is_list(value):
        raise ValueError(value)
    return [_text(item) for item in value]
