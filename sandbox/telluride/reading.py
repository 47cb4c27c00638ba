"""Request bodies read with the vendor's tolerance, and refusals; no API's rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import NamedTuple, TypeGuard

TOO_LONG = "The actual length is greater than the MaxLength value"

MOST_DIGITS = 15
"""More than any declaration allows, and still exact in every sum."""

Json = dict[str, object]


def is_object(value: object) -> TypeGuard[Json]:
    """Whether it is a JSON object; the keys of parsed JSON are always text."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether it is a JSON array."""
    return isinstance(value, list)


class Refusal(NamedTuple):
    """A status and its text, to be put into the API's own envelope (U-1, U-2)."""

    code: str
    text: str


class Refused(Exception):
    """The call ends here, with this refusal; made anew each time, since an exception grows."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code, text)
        self.refusal = Refusal(code, text)


class WrongType(Exception):
    """A field has a JSON type or a form nobody could read; each API has its own text for that."""


@dataclass(frozen=True, slots=True)
class Body:
    """An object of a request; numbers are accepted for texts and the reverse (Q-11)."""

    data: Mapping[str, object]
    client: str = ""

    def text(self, *names: str) -> str:
        """The first of these fields that is filled, as text; "" when none is."""
        for name in names:
            value = _scalar(self.data.get(name))
            if value:
                return value
        return ""

    def has(self, name: str) -> bool:
        """Whether the field is there and filled."""
        return bool(self.text(name))

    def echo(self, name: str) -> str:
        """The field as text wherever that is possible; for answers to unreadable requests."""
        try:
            return self.text(name)
        except WrongType:
            return ""

    def amount(self, *names: str) -> Decimal:
        """A decimal, 0 when empty."""
        text = self.text(*names)
        try:
            value = Decimal(text or "0")
        except InvalidOperation as error:
            raise WrongType(text) from error
        if not value.is_finite() or value.adjusted() >= MOST_DIGITS:
            raise WrongType(text)
        return value

    def rows(self, name: str, inner: str) -> list["Body"]:
        """Entries of a list, wrapped in an object or plain; every spelling of none is none."""
        value = self.data.get(name)
        if is_object(value) and inner in value:
            value = value[inner]
        if value in (None, "", {}, []):
            return []
        entries = value if is_list(value) else [value]
        return [Body(_object(entry), self.client) for entry in entries if entry != {}]


def _object(value: object) -> Json:
    if not is_object(value):
        raise WrongType(str(value))
    return value


def _scalar(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            raise WrongType(str(value))
        case str():
            return value.strip()
        case int() | Decimal():
            return str(value)
        case _:
            raise WrongType(str(value))
