"""Members: who they are in one program, and how one looks for them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from loyalty.raw import RawRecord
from loyalty.refs import MemberRef


class MemberStatus(StrEnum):
    """The state of a membership, whatever the provider calls it."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    SUSPENDED = "SUSPENDED"
    PENDING = "PENDING"
    MERGED = "MERGED"
    REPLACED = "REPLACED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A free pair of the provider's."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Tier:
    """A level of a program."""

    code: str
    name: str
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class TierProgress:
    """How far a member is on the way to the next tier; in money where `currency` is given."""

    current: Decimal
    target: Decimal | None = None
    remaining: Decimal | None = None
    currency: str | None = None
    next_tier: Tier | None = None


@dataclass(frozen=True, slots=True)
class MemberTier:
    """The tier a member is in."""

    tier: Tier
    valid_until: datetime | None = None
    progress: TierProgress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One membership as its provider tells it; None where the provider has no such fact."""

    ref: MemberRef
    number: str | None
    status: MemberStatus
    fetched_at: datetime
    native_status: str | None = None
    merged_into: MemberRef | None = None
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    gender: str | None = None
    language: str | None = None
    joined_at: datetime | None = None
    tier: MemberTier | None = None
    attributes: tuple[Attribute, ...] | None = None
    raw: RawRecord | None = field(default=None, repr=False, compare=False)


class AffinityStatus(StrEnum):
    """The state of a member's link to an affiliated programme."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    PENDING = "PENDING"
    DECLINED = "DECLINED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Affinity:
    """A member's link to an affiliated programme."""

    code: str
    status: AffinityStatus
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name to search by; `wildcard` lets * stand for any letters."""

    given_name: str
    family_name: str | None = None
    postal_code: str | None = None
    wildcard: bool = False


@dataclass(frozen=True, slots=True)
class MemberLookup:
    """What to search by; all given criteria must match together."""

    number: str | None = None
    native_id: str | None = None
    email: str | None = None
    phone: str | None = None
    name: PersonName | None = None
    attribute: Attribute | None = None
    mobile_user: str | None = None


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """Which members a listing is narrowed to; an empty tuple sets no condition."""

    numbers: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    mobile_users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MobileUser:
    """A user of a provider's own app, member of the program or not."""

    id: str
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    birth_date: date | None = None
