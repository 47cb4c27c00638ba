"""How a search becomes a listing's filter, and whether a record is one that was searched for."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from providers.onerewards.wire.members import WireMember

FilterName: TypeAlias = Literal["memberId", "phoneNo", "mobileUserId"]

_MOST_DIGITS = 18
"""A memberId that is longer fits no 64-bit number: nobody has it."""

_LEAST_PHONE = 6


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter of a listing: any of `values`, never empty, since that would mean everybody."""

    name: FilterName
    values: tuple[int, ...] | tuple[str, ...]
    holds: Callable[[WireMember], bool]


def member_id(key: str) -> int | None:
    """The memberId in a key; None where the text cannot be one (contract 1.4)."""
    plain = key.isascii() and key.isdigit() and len(key) <= _MOST_DIGITS
    return int(key) if plain and not key.startswith("0") else None


def member_key(key: str) -> str | None:
    """The key itself, or None for a text that can be nobody's."""
    return None if member_id(key) is None else key


def by_numbers(keys: Sequence[str]) -> Condition | None:
    """Members with one of these numbers; None when nobody can have any."""
    ids = tuple(dict.fromkeys(number for key in keys if (number := member_id(key)) is not None))
    wanted = frozenset(ids)
    return Condition("memberId", ids, lambda wire: wire.member_id in wanted) if ids else None


def by_phones(phones: Sequence[str], calling_code: str) -> Condition | None:
    """Members with one of these phones, written in whatever way; None when nobody can have any."""
    asked = [digits for phone in phones if len(digits := _digits(phone)) >= _LEAST_PHONE]
    values = [text for phone in phones for text in _spellings(phone, calling_code)]

    def holds(wire: WireMember) -> bool:
        found = _digits(wire.phone_no or "")
        return any(_same_phone(found, digits) for digits in asked)

    return Condition("phoneNo", tuple(dict.fromkeys(values)), holds) if asked else None


def by_mobile_users(users: Sequence[str]) -> Condition | None:
    """Members linked to one of these users of the app; None when nobody can be."""
    ids = tuple(dict.fromkeys(user for user in users if user))
    wanted = frozenset(user.casefold() for user in ids)

    def holds(wire: WireMember) -> bool:
        return wire.mobile_user_id is not None and wire.mobile_user_id.casefold() in wanted

    return Condition("mobileUserId", ids, holds) if ids else None


def wire_filter(conditions: Sequence[Condition]) -> Mapping[str, Mapping[str, Sequence[object]]]:
    """The listing's `filter` (contract 1.9); different fields must match together."""
    return {condition.name: {"multiSelect": condition.values} for condition in conditions}


def _spellings(phone: str, calling_code: str) -> tuple[str, ...]:
    """A phone as given, without spaces and dashes, and as E.164: the listing compares letters."""
    if len(_digits(phone)) < _LEAST_PHONE:
        return ()
    return phone, _compact(phone), e164(phone, calling_code)


def e164(phone: str, calling_code: str) -> str:
    """A phone in international form, as far as one can tell (contract 6.2#35)."""
    compact = _compact(phone)
    if compact.startswith("00"):
        return "+" + compact[2:]
    if compact.startswith("0"):
        return f"+{calling_code}{compact[1:]}"
    return compact if compact.startswith("+") else f"+{compact}"


def _compact(phone: str) -> str:
    return re.sub(r"[\s().-]", "", phone)


def _digits(phone: str) -> str:
    """The digits that count, without any prefix of zeros."""
    return re.sub(r"[^0-9]", "", phone).lstrip("0")


def _same_phone(one: str, other: str) -> bool:
    """Whether two phones are one, the country's code written or not."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _LEAST_PHONE and long.endswith(short)
