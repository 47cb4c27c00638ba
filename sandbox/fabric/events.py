"""What happened to a member: points, transactions, rewards; values without rules."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Move(StrEnum):
    """Why points left a lot; a negative move gives them back."""

    USED = "used"
    DEDUCTED = "deducted"


class Step(StrEnum):
    """What was done with a reward (contract 4.7), named as the status it leads to."""

    ISSUED = "Active"
    REDEEMED = "Redeemed"
    CANCELLED = "Cancelled"
    REVERSED = "Reversed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Points granted at once: one type, one expiry, perhaps one store (contract 4.2)."""

    lot: int
    points: Decimal
    point_type: str
    at: datetime
    expires_at: datetime
    store: str | None = None
    pending: bool = False
    returned: bool = False
    cause: str | None = None
    activity_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Points taken out of a lot, or given back to it when negative; the cause is a code."""

    lot: int
    points: Decimal
    why: Move
    at: datetime
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """A pending lot made active by a call (contract 7.1)."""

    lot: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One row of the engine's journal (contract 5.3); amounts in currency, points signed."""

    code: str
    kind: str
    at: datetime
    activity_at: datetime
    points: Decimal
    base: Decimal = Decimal(0)
    bonus: Decimal = Decimal(0)
    promotional: Decimal = Decimal(0)
    balance: Decimal | None = None
    reference: str | None = None
    type_reference: str | None = None
    store: str | None = None
    gross: Decimal | None = None
    paid: Decimal | None = None
    tax: Decimal | None = None
    net: Decimal | None = None
    discount: Decimal = Decimal(0)
    discounts: tuple[Mapping[str, object], ...] = ()
    items: tuple[Mapping[str, object], ...] = ()
    reason_code: str | None = None
    reason_description: str | None = None
    issue_user: str | None = None
    cancel_user: str | None = None
    reverses: str | None = None
    redemption_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """One step in the life of a reward."""

    step: Step
    at: datetime
    store: str
    user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """A reward certificate: its price in points, its worth in currency, its life so far."""

    code: str
    points: Decimal
    point_cost: Decimal
    amount: Decimal
    expires_at: datetime
    handlings: tuple[Handling, ...]
    tier_discount: Decimal = Decimal(0)

    def last(self, step: Step) -> Handling | None:
        """The latest handling of that kind."""
        return next((each for each in reversed(self.handlings) if each.step is step), None)

    def as_of(self, instant: datetime) -> "Reward | None":
        """The reward with what was done to it by then, None before its issue."""
        known = tuple(each for each in self.handlings if each.at <= instant)
        return replace(self, handlings=known) if known else None

    def status(self, now: datetime) -> str:
        """The status as documented, or Expired once an Active one is past its expiry."""
        latest = self.handlings[-1].step
        return "Expired" if latest is Step.ISSUED and now > self.expires_at else latest.value
