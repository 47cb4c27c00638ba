"""Points: what a member has, what it is worth, and when it goes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from loyalty.money import Money
from loyalty.offers import Offer
from loyalty.refs import MemberRef


class PointsKind(StrEnum):
    """How points came to be."""

    BASE = "BASE"
    BONUS = "BONUS"
    PROMOTIONAL = "PROMOTIONAL"
    OTHER = "OTHER"


class PointsState(StrEnum):
    """Whether points can be spent."""

    PENDING = "PENDING"
    AVAILABLE = "AVAILABLE"
    LOCKED = "LOCKED"
    EXPIRED = "EXPIRED"


class ExpiryPrecision(StrEnum):
    """EXACT is the day itself, WINDOW the end of a span that the provider reports in."""

    EXACT = "EXACT"
    WINDOW = "WINDOW"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsBucket:
    """A part of a balance that shares kind, state, expiry and restriction."""

    kind: PointsKind
    state: PointsState
    points: Decimal
    native_kind: str | None = None
    worth: Money | None = None
    expires_at: datetime | None = None
    restriction: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiringPoints:
    """Points that will be lost at an instant, or by the end of a window."""

    member: MemberRef
    points: Decimal
    expires_at: datetime
    precision: ExpiryPrecision
    worth: Money | None = None


@dataclass(frozen=True, slots=True)
class ExpiredPoints:
    """Points that were lost."""

    points: Decimal
    expired_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A member's points; `points` is what can be spent now, anywhere in the program.

    `expiring` and `offers` are filled by providers whose balance reply carries them
    (Profile.with_balance), and are None elsewhere.
    """

    member: MemberRef
    points: Decimal
    fetched_at: datetime
    worth: Money | None = None
    pending: Decimal | None = None
    locked: Decimal | None = None
    restricted: Decimal | None = None
    lifetime_earned: Decimal | None = None
    lifetime_redeemed: Decimal | None = None
    lifetime_expired: Decimal | None = None
    buckets: tuple[PointsBucket, ...] | None = None
    expiring: tuple[ExpiringPoints, ...] | None = None
    offers: tuple[Offer, ...] | None = None
