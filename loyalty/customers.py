"""People: who has which memberships, how that was shown, and what all of them are worth."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from loyalty.money import Money
from loyalty.points import ExpiringPoints
from loyalty.refs import MemberRef


class LinkMethod(StrEnum):
    """How it was shown that a membership is a person's."""

    AUTH_CODE = "AUTH_CODE"
    TRUSTED_IDENTITY = "TRUSTED_IDENTITY"
    OPERATOR = "OPERATOR"
    IMPORT = "IMPORT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A membership that is a person's. `verified`: the member showed it, nobody merely said so."""

    member: MemberRef
    linked_at: datetime
    method: LinkMethod
    verified: bool


@dataclass(frozen=True, slots=True)
class Customer:
    """A person: our own id, 32 hexadecimal digits, and the memberships, oldest link first."""

    id: str
    memberships: tuple[Membership, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """What all memberships are worth together.

    `worth` has one sum a currency, in the order of their codes. `missing` are the programs that are
    not in the figures, for they could not be read or tell no worth; `complete` is that there is
    none. `usable_vouchers` is None where no program keeps vouchers.
    """

    worth: tuple[Money, ...]
    next_expiry: ExpiringPoints | None
    usable_vouchers: int | None
    complete: bool
    missing: tuple[str, ...]
