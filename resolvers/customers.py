"""Customers: who may see and change which, and the two mutations that link memberships to them.

A customer that is not there, another person's and one that nobody may see are the same: None, or
NOT_FOUND.
"""

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import TypeVar

from ledger.customers import Customers
from ledger.journal import LedgerUnavailable
from loyalty.commands import LinkMembership, UnlinkMembership
from loyalty.customers import Customer
from loyalty.errors import Declined, ErrorCode, LoyaltyError, RetryAdvice, Unavailable
from resolvers.callers import Caller
from resolvers.desk import Desk
from resolvers.receipts import Told

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks about customers.

    `is_person`: a member-kind principal, who is a customer. `sees_all`, `links_all`: may read, or
    change the links of, any customer.
    """

    caller: Caller
    is_person: bool
    sees_all: bool
    links_all: bool


class People:
    """The customers, as one who asks may see and change them."""

    def __init__(self, customers: Customers, desk: Desk) -> None:
        self._customers = customers
        self._desk = desk

    async def viewer(self, asker: Asker) -> Customer | None:
        """The customer that the asker is; None until a membership was linked."""
        return await _kept(self._customers.of_owner(asker.caller.scope))

    async def customer(self, asker: Asker, customer: str) -> Customer | None:
        """The customer with this id, if the asker may see it."""
        if asker.sees_all:
            return await _kept(self._customers.customer(customer))
        mine = await self.viewer(asker)
        return mine if mine is not None and mine.id == customer else None

    async def link(self, asker: Asker, key: str, command: LinkMembership, trace_id: str) -> Told:
        """Link a membership: linkMembership."""
        if command.operator is not None and not asker.links_all:
            return _refused(_forbidden(("input", "proof", "operator")))
        return await self._do(asker, key, command, trace_id)

    async def unlink(
        self, asker: Asker, key: str, command: UnlinkMembership, trace_id: str
    ) -> Told:
        """Unlink one: unlinkMembership."""
        return await self._do(asker, key, command, trace_id)

    async def customer_of(
        self, asker: Asker, command: LinkMembership | UnlinkMembership
    ) -> Customer | None:
        """Whom such a mutation was about, as they are now, if the asker may (still) see them.

        None where nobody was named and the membership is nobody's now.
        """
        if command.own:
            return await self.viewer(asker)
        if command.customer is not None:
            sees = replace(asker, sees_all=asker.sees_all or asker.links_all)
            return await self.customer(sees, command.customer)
        if isinstance(command, UnlinkMembership) or not asker.links_all:
            return None
        return await _kept(self._customers.of_member(command.member))

    async def _do(
        self, asker: Asker, key: str, command: LinkMembership | UnlinkMembership, trace_id: str
    ) -> Told:
        try:
            refusal = await self._refusal(asker, command)
        except Unavailable as error:
            return _refused(error)
        if refusal is not None:
            return _refused(refusal)
        return await self._desk.do(asker.caller, key, command, trace_id)

    async def _refusal(
        self, asker: Asker, command: LinkMembership | UnlinkMembership
    ) -> LoyaltyError | None:
        """Why the asker may not change these links; the same whether there is such a customer."""
        if asker.links_all:
            return None
        if command.customer is None:
            return None if command.own else _forbidden(("input",))
        mine = await self.viewer(asker)
        if mine is not None and mine.id == command.customer:
            return None
        return Declined(
            "there is no such customer",
            code=ErrorCode.NOT_FOUND,
            field=("input", "customerId"),
            retry=RetryAdvice.AFTER_CHANGE,
        )


def _forbidden(field: tuple[str, ...]) -> LoyaltyError:
    msg = "your token lacks the scope customers:write"
    return LoyaltyError(msg, code=ErrorCode.FORBIDDEN, field=field)


def _refused(error: LoyaltyError) -> Told:
    return Told(None, (error,))


async def _kept(question: Awaitable[T]) -> T:
    """What the ledger answers; raises Unavailable (LEDGER_UNAVAILABLE)."""
    try:
        return await question
    except LedgerUnavailable:
        msg = "the ledger cannot be read now; try again later"
        raise Unavailable(msg, code=ErrorCode.LEDGER_UNAVAILABLE) from None
