"""Reading a JSON body field by field, collecting what is wrong (contract 12.2); no answers."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

from sandbox.fabric.answers import REQUIRED, Refused, invalid, is_list, is_mapping, refuse
from sandbox.fabric.queries import instant, uuid

T = TypeVar("T")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = Decimal(10) ** 15
_FINEST = -12
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"[^\s-]+")


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

    def text(self, name: str, *, least: int = 1, most: int | None = None) -> str:
        """A required string of so many characters."""
        return self._required(name, _sized(least, most), _size(least, most), "")

    def instant(self, name: str) -> datetime:
        """A required timestamp in any of the accepted forms."""
        return self._required(name, _instant, "Must be a date and time.", _NEVER)

    def number(self, name: str) -> Decimal:
        """A required JSON number; booleans are none."""
        return self._required(name, _number, "Must be a number.", Decimal(0))

    def whole(self, name: str) -> int:
        """A required integer."""
        return self._required(name, _whole, "Must be an integer.", 0)

    def zero_or_one(self, name: str) -> bool:
        """A required flag, written 0 or 1 (contract 3.3)."""
        return self._required(name, _zero_or_one, "Must be 0 or 1.", False)

    def email(self, name: str) -> str:
        """A required e-mail address of at most 254 characters."""
        return self._required(name, _email, "Must be an email address.", "")

    def phone(self, name: str, most: int | None = None) -> str:
        """A required phone number, without spaces or dashes."""
        detail = f"{_size(1, most)[:-1]} without spaces or dashes."
        return self._required(name, _phone(most), detail, "")

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

    def given(self, name: str) -> bool:
        """Whether there is a value; null counts as not given (contract 6.1)."""
        return self._raw.get(name) is not None

    def sent(self, name: str) -> bool:
        """Whether the key is there, be it with null."""
        return name in self._raw

    def optional_text(self, name: str, *, least: int = 0, most: int | None = None) -> str | None:
        """An optional string of so many characters."""
        return self.text(name, least=least, most=most) if self.given(name) else None

    def optional_uuid(self, name: str) -> str | None:
        """An optional UUID."""
        return self.uuid(name) if self.given(name) else None

    def optional_instant(self, name: str) -> datetime | None:
        """An optional timestamp."""
        return self.instant(name) if self.given(name) else None

    def optional_texts(self, name: str) -> list[str]:
        """An optional array of strings."""
        return self.texts(name) if self.given(name) else []

    def yes(self, name: str) -> bool:
        """An optional boolean, false by default."""
        return self.given(name) and self._required(name, _boolean, "Must be a boolean.", False)

    def day(self, name: str) -> datetime:
        """A required date, or timestamp."""
        return self._required(name, _day, "Must be a date.", _NEVER)

    def choice(self, name: str, choices: Sequence[str], *, any_case: bool = False) -> str:
        """A required one of these words, returned as listed."""
        reader = _choice(choices, any_case=any_case)
        return self._required(name, reader, f"Must be one of {', '.join(choices)}.", "")

    def threshold(self, name: str) -> Decimal:
        """A required amount that may be a number or a string (contract 3.3), not negative."""
        return self._required(name, _threshold, "Must be a number of at least 0.", Decimal(0))

    def mapping(self, name: str) -> dict[str, object]:
        """A required object, taken as it is."""
        return self._required(name, _mapping, "Must be an object.", {})

    def echo(self, names: Sequence[str]) -> dict[str, object]:
        """The named members that were given, as they came."""
        return {name: self._raw[name] for name in names if self.given(name)}

    def sound(self, name: str) -> bool:
        """Whether nothing was wrong with it so far."""
        return f"{self._within}{name}" not in self.errors

    def fault(self, name: str, detail: str) -> None:
        """Note an invalid value."""
        self._fault(name, invalid(detail))

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


def _size(least: int, most: int | None) -> str:
    if most is not None:
        return f"Must be a string of {least} to {most} characters."
    plural = "" if least == 1 else "s"
    return f"Must be a string of at least {least} character{plural}."


def _sized(least: int, most: int | None) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or len(value) < least:
            raise ValueError(value)
        if most is not None and len(value) > most:
            raise ValueError(value)
        return value

    return read


def _email(value: object) -> str:
    text = _sized(1, 254)(value)
    if not _EMAIL.fullmatch(text):
        raise ValueError(text)
    return text


def _phone(most: int | None) -> Callable[[object], str]:
    def read(value: object) -> str:
        text = _sized(1, most)(value)
        if not _PHONE.fullmatch(text):
            raise ValueError(text)
        return text

    return read


def _choice(choices: Sequence[str], *, any_case: bool) -> Callable[[object], str]:
    listed = {(each.casefold() if any_case else each): each for each in choices}

    def read(value: object) -> str:
        text = _text(value)
        found = listed.get(text.casefold() if any_case else text)
        if found is None:
            raise ValueError(text)
        return found

    return read


def _whole(value: object) -> int:
    if type(value) is not int or abs(value) >= _LARGEST:
        raise ValueError(value)
    return value


def _zero_or_one(value: object) -> bool:
    if _whole(value) not in {0, 1}:
        raise ValueError(value)
    return value == 1


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)  # noqa: TRY004 - readers tell every fault the same way
    return value


def _day(value: object) -> datetime:
    text = _text(value)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return instant(text)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _threshold(value: object) -> Decimal:
    if isinstance(value, str):
        if not re.fullmatch(r"\d{1,12}(\.\d{1,4})?", value, re.ASCII):
            raise ValueError(value)
        return Decimal(value)
    amount = _number(value)
    if amount < 0:
        raise ValueError(value)
    return amount


def _mapping(value: object) -> dict[str, object]:
    if not is_mapping(value):
        raise ValueError(value)
    plain: Mapping[str, object] = value
    return dict(plain)


def _uuid(value: object) -> str:
    return uuid(_text(value))


def _instant(value: object) -> datetime:
    return instant(_text(value))


def _number(value: object) -> Decimal:
    match value:
        case bool():
            raise ValueError(value)
        case int() | Decimal():
            return _bounded(Decimal(value))
        case _:
            raise ValueError(value)


def _bounded(amount: Decimal) -> Decimal:
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < _FINEST or abs(amount) >= _LARGEST:
        raise ValueError(amount)
    return amount


def _texts(value: object) -> list[str]:
    if not is_list(value):
        raise ValueError(value)
    return [_text(item) for item in value]
