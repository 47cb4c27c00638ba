"""What a OneRewards company keeps: its nouns as plain records; no wire names, no rules."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum

from sandbox.onerewards.records import Register

COMPANY_ZONE = timezone(timedelta(hours=8), "Asia/Kuala_Lumpur")
"""The company's wall clock; dates without an offset are read in it (OneRewards contract 6.2#31)."""

EVERY_DAY = (1, 2, 3, 4, 5, 6, 0)
"""Weekdays as the vendor counts them: 0 is Sunday."""


COUNTRY_CODE = "+60"
_SEPARATORS = re.compile(r"[\s-]")


def dialled(phone: str) -> str:
    """A number as numbers are compared: no separators, a local one under the country's code.

    (OneRewards contract 6.2#35.)
    """
    digits = _SEPARATORS.sub("", phone)
    return f"{COUNTRY_CODE}{digits[1:]}" if digits.startswith("0") else digits


def local(instant: datetime) -> datetime:
    """An instant on the company's wall clock, without offset."""
    return instant.astimezone(COMPANY_ZONE).replace(tzinfo=None)


def instant(wall: datetime) -> datetime:
    """A wall clock time of the company as an aware instant in UTC."""
    return wall.replace(tzinfo=COMPANY_ZONE).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Level:
    """A tier; `level_id` is what vouchers and members refer to."""

    level_id: int
    name: str
    description: str | None = None
    is_default: bool = False


@dataclass(slots=True)
class Member:
    """A member's profile; the balance is not here, it is the sum of the account's points."""

    member_id: int
    name: str
    phone: str | None
    email: str | None
    born: date | None
    gender: str | None
    level_id: int | None
    joined: date
    expires: date | None = None
    is_active: bool = True
    mobile_user_id: str | None = None
    created: datetime | None = None
    """When a caller made this member; None for the seeded ones."""


@dataclass(frozen=True, slots=True)
class MobileUser:
    """A user of the vendor's app, member of this company or not."""

    mobile_user_id: str
    name: str
    phone: str
    email: str | None
    born: date | None
    gender: str | None


@dataclass(frozen=True, slots=True)
class PointEntry:
    """One movement of points; `points` is signed."""

    entry_id: str
    kind: str
    points: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class GetRule:
    """When a voucher can be obtained, and what for; wall clock times."""

    starts: datetime | None = None
    ends: datetime | None = None
    points: Decimal = Decimal(0)
    level_ids: tuple[int, ...] = ()
    again: bool = True
    terms: str | None = None


@dataclass(frozen=True, slots=True)
class UseRule:
    """When a voucher can be used; wall clock times, an absent condition always holds."""

    starts: datetime | None = None
    ends: datetime | None = None
    from_time: time | None = None
    until_time: time | None = None
    days: tuple[int, ...] = EVERY_DAY
    on_birthday: bool = False
    in_birthday_month: bool = False
    minimum: Decimal | None = None
    terms: str | None = None


@dataclass(slots=True)
class VoucherDefinition:
    """A campaign; `issued` counts all instances ever attached to members."""

    voucher_id: int
    name: str
    title: str
    discount: Decimal
    is_percent: bool = False
    description: str | None = None
    quota: int | None = None
    issued: int = 0
    get: GetRule = field(default_factory=GetRule)
    use: UseRule = field(default_factory=UseRule)


@dataclass(slots=True)
class VoucherInstance:
    """A voucher that a member holds or held; `until` is its own end on the wall clock."""

    voucher_no: str
    voucher_id: int
    issued: datetime
    until: datetime | None = None
    claimed: bool = True
    used: datetime | None = None


@dataclass(slots=True)
class Account:
    """What moves for one member: points and vouchers, oldest first."""

    points: list[PointEntry] = field(default_factory=list[PointEntry])
    vouchers: list[VoucherInstance] = field(default_factory=list[VoucherInstance])

    @property
    def balance(self) -> Decimal:
        """All movements summed up; points never expire here (OneRewards contract 6.2#28)."""
        return sum((entry.points for entry in self.points), Decimal(0))

    def holding(self, voucher_no: str) -> VoucherInstance | None:
        """The voucher of this number, used and unclaimed ones included."""
        return next((each for each in self.vouchers if each.voucher_no == voucher_no), None)


class Approval(Enum):
    """How far an integration request is."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(slots=True)
class IntegrationRequest:
    """An app's wish to be let in; the id exists once the company's owner agreed."""

    app_account_id: str
    app_account_name: str
    approval: Approval = Approval.PENDING
    integration_id: str | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key record; `operations` None is a key that may do everything."""

    key_id: str
    secret: str
    operations: frozenset[str] | None = None


@dataclass(slots=True)
class Company:
    """One account book with everything in it; members are in ascending order of their id."""

    account_book_id: int
    keys: dict[str, ApiKey]
    integrations: set[str]
    requests: dict[str, IntegrationRequest] = field(default_factory=dict[str, IntegrationRequest])
    levels: dict[int, Level] = field(default_factory=dict[int, Level])
    members: dict[int, Member] = field(default_factory=dict[int, Member])
    mobile_users: dict[str, MobileUser] = field(default_factory=dict[str, MobileUser])
    definitions: dict[int, VoucherDefinition] = field(default_factory=dict[int, VoucherDefinition])
    accounts: dict[int, Account] = field(default_factory=dict[int, Account])
    by_phone: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    by_dialled: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    by_mobile_user: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    register: Register = field(default_factory=Register)

    def admit(self, member: Member) -> None:
        """Put a member into the books and their indexes."""
        self.members[member.member_id] = member
        for index, key in self._places(member):
            index.setdefault(key, []).append(member.member_id)

    def dismiss(self, member: Member) -> None:
        """Take a member out of the indexes, to be admitted again under changed data."""
        for index, key in self._places(member):
            index[key].remove(member.member_id)

    def of_phone(self, phone: str) -> list[int]:
        """Whose number this is, however it is written."""
        return self.by_dialled.get(dialled(phone), [])

    def _places(self, member: Member) -> Iterator[tuple[dict[str, list[int]], str]]:
        if member.phone is not None:
            yield self.by_phone, member.phone
            yield self.by_dialled, dialled(member.phone)
        if member.mobile_user_id is not None:
            yield self.by_mobile_user, member.mobile_user_id

    def voucher_no(self, voucher_id: int, serial: int) -> str:
        """The vendor's number of an instance (OneRewards contract 6.2#32)."""
        return f"{self.account_book_id:05d}-{voucher_id:05d}-{serial:06d}"
