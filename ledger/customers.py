"""The links between people and memberships: what is kept of each, and the few ways they change.

They live beside the journal, in the same database, and change in the same commit as the operation
that asked for it (`Change.links`): a link without its record, or a record without its link, there
is not. A member's key is personal: it is kept as a keyed hash, to be found by, and sealed, to be
shown.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from loyalty.customers import Customer, LinkMethod
from loyalty.refs import MemberRef

MOST = 50
"""How many memberships a person may have: a wallet asks the programs for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A membership becomes a customer's.

    `customer` says whose; None is the customer of `owner`, or with no owner a new one. A customer
    that is made is called `fresh`. Asked again by the same operation it finds itself done.
    """

    member: MemberRef
    customer: str | None
    owner: str | None
    fresh: str
    at: datetime
    method: LinkMethod
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlink:
    """A membership is no longer a customer's: of `customer`, else of `owner`, else of anybody."""

    member: MemberRef
    customer: str | None
    owner: str | None


LinkChange = Link | Unlink


class Refusal(StrEnum):
    """Why links stay as they are."""

    NO_CUSTOMER = "NO_CUSTOMER"
    """There is no such customer."""
    TAKEN = "TAKEN"
    """The membership is another customer's."""
    FULL = "FULL"
    """The customer has as many memberships as there may be."""
    NOT_LINKED = "NOT_LINKED"
    """The membership is not linked to that customer."""


class LinkRefused(Exception):
    """The links cannot be changed like that; nothing was, the operation included."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Unlinked:
    """What was erased: links, and customers who have none any more."""

    links: int = 0
    customers: int = 0


class Customers(Protocol):
    """The customers; safe for any number of tasks and servers. Raises LedgerUnavailable."""

    async def customer(self, customer: str) -> Customer | None:
        """The customer with this id."""
        ...

    async def of_owner(self, owner: str) -> Customer | None:
        """The customer that a principal is."""
        ...

    async def of_member(self, member: MemberRef) -> Customer | None:
        """The customer whose membership it is."""
        ...

    async def forget_member(self, member: MemberRef) -> Unlinked:
        """Erase a membership's link, and the customer if it was the last one."""
        ...

    async def forget_customer(self, customer: str) -> Unlinked:
        """Erase a customer and every link."""
        ...
