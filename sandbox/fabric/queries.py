"""Reading parameters and bodies, with every fault of contract 12.2 collected; no answers."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from sandbox.fabric.answers import invalid, refuse

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?")
_UUID_LENGTH = 36
_DEFAULT_LIMIT = 20
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a list: how many to skip, how many to show."""

    skip: int
    size: int

    def of(self, rows: Sequence[T]) -> list[T]:
        """That stretch of the rows."""
        return list(rows[self.skip : self.skip + self.size])


@dataclass(frozen=True, slots=True)
class Paging:
    """The tenant's bounds for pages (contract 3.3, 12.1)."""

    largest: int
    clamps: bool
    limit_is_end: bool

    def page(self, query: Mapping[str, str]) -> Page:
        """The page asked for; raises Refused when out of bounds."""
        offset, limit = whole_in(query, "offset"), whole_in(query, "limit")
        offset = 0 if offset is None else offset
        limit = _DEFAULT_LIMIT if limit is None else limit
        if self.clamps:
            offset, limit = max(offset, 0), min(max(limit, 1), self.largest)
        if offset < 0:
            raise refuse("offset", invalid("Must be at least 0."))
        if not 1 <= limit <= self.largest:
            raise refuse("limit", invalid(f"Must be between 1 and {self.largest}."))
        return Page(offset, max(limit - offset, 0) if self.limit_is_end else limit)


def given(query: Mapping[str, str], name: str) -> str | None:
    """A parameter; an empty one counts as not sent."""
    return query.get(name) or None


def uuid(text: str) -> str:
    """A UUID in lower case; raises ValueError."""
    if len(text) != _UUID_LENGTH:
        raise ValueError(text)
    return str(UUID(text))


def uuid_in(query: Mapping[str, str], name: str) -> str | None:
    """A UUID parameter, if sent."""
    return _read(query, name, uuid, "Must be a valid UUID.")


def instant(text: str) -> datetime:
    """A space or T, zero to six decimals, no zone or Z or an offset; no zone is UTC."""
    if not _INSTANT.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def instant_in(query: Mapping[str, str], name: str) -> datetime | None:
    """A UTC timestamp parameter, if sent."""
    return _read(query, name, instant, "Must be a date and time.")


def whole_in(query: Mapping[str, str], name: str) -> int | None:
    """A whole-number parameter, if sent."""
    return _read(query, name, _whole, "Must be an integer.")


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        raise ValueError(text)
    return int(text)


def _read(query: Mapping[str, str], name: str, reader: Callable[[str], T], detail: str) -> T | None:
    text = given(query, name)
    if text is None:
        return None
    try:
        return reader(text)
    except ValueError:
        raise refuse(name, invalid(detail)) from None
