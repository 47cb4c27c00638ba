"""Checks of inputs beyond what GraphQL's types say; each refusal names its field and the remedy."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from strawberry import UNSET

from graph.types.inputs import AttributeInput, given
from loyalty.errors import InvalidInput
from loyalty.members import Attribute

T = TypeVar("T")

CODE = 100
"""The longest code, number or id, in characters."""
WORDS = 500
"""The longest text for people, in characters."""
_ATTRIBUTES = 50
_CONTROLS = {"Cc", "Cs", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a mutation's input something stands."""

    path: tuple[str, ...] = ("input",)

    def at(self, *names: str | int) -> "Place":
        """A place below it."""
        return Place((*self.path, *map(str, names)))

    def refused(self, rule: str) -> InvalidInput:
        """The refusal of what stands here."""
        named = ".".join(self.path[1:]) or "input"
        return InvalidInput(f"`{named}` {rule}", field=self.path)


INPUT = Place()


def text(place: Place, value: str, most: int = CODE) -> str:
    """A text that says something, is not too long, and holds no control characters."""
    if not value.strip():
        raise place.refused("is empty")
    if len(value) > most:
        raise place.refused(f"is {len(value)} characters long; the limit is {most}")
    if any(unicodedata.category(character) in _CONTROLS for character in value):
        raise place.refused("holds control characters, such as line breaks: leave them out")
    return value


def maybe_text(place: Place, value: str | None, most: int = CODE) -> str | None:
    """The same for what may be left out; null is as if left out."""
    if value is None or value is UNSET:
        return None
    if not value.strip():
        raise place.refused("is empty: leave it out, or give a value")
    return text(place, value, most)


def amount(place: Place, value: Decimal) -> Decimal:
    """An amount of money or points: zero or more."""
    if value < 0:
        raise place.refused(f"is {value:f}; it must be zero or more")
    return value


def maybe_amount(place: Place, value: Decimal | None) -> Decimal | None:
    """The same for what may be left out."""
    figure = given(value)
    return None if figure is None else amount(place, figure)


def positive(place: Place, value: Decimal) -> Decimal:
    """More than zero."""
    if value <= 0:
        raise place.refused(f"is {value:f}; it must be more than zero")
    return value


def some(place: Place, values: Sequence[T], most: int) -> Sequence[T]:
    """A list with at least one entry and not too many."""
    if not values:
        raise place.refused("is empty: give at least one")
    if len(values) > most:
        raise place.refused(f"has {len(values)} entries; the limit is {most}")
    return values


def ordered(place: Place, starts_at: datetime | None, ends_at: datetime | None) -> None:
    """The end of a period is after its start; `place` is the end's."""
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise place.refused("must be after the start")


def attributes(place: Place, pairs: list[AttributeInput] | None) -> tuple[Attribute, ...]:
    """Free pairs; no key twice."""
    found = given(pairs) or []
    if len(found) > _ATTRIBUTES:
        raise place.refused(f"has {len(found)} entries; the limit is {_ATTRIBUTES}")
    seen: set[str] = set()
    for index, pair in enumerate(found):
        if pair.key in seen:
            raise place.at(index, "key").refused("is there twice")
        seen.add(pair.key)
    return tuple(
        Attribute(
            text(place.at(index, "key"), pair.key),
            text(place.at(index, "value"), pair.value, WORDS),
        )
        for index, pair in enumerate(found)
    )
