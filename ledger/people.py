"""The customers in a database, beside the journal and over the same engine."""

from ledger import links
from ledger.customers import Unlinked
from ledger.links import Cloak
from ledger.seal import Seals
from ledger.sql import Engine, Unit
from loyalty.customers import Customer
from loyalty.refs import MemberRef


class KeptCustomers:
    """Customers as the ledger keeps them; see customers.Customers."""

    def __init__(self, engine: Engine, seals: Seals) -> None:
        """Take the engine, which its owner closes."""
        self._engine = engine
        self._cloak = Cloak(seals)

    async def customer(self, customer: str) -> Customer | None:
        """The customer with this id."""
        return await self._engine.read(lambda: links.customer_named(customer, self._cloak))

    async def of_owner(self, owner: str) -> Customer | None:
        """The customer that a principal is."""
        return await self._engine.read(lambda: links.customer_of_owner(owner, self._cloak))

    async def of_member(self, member: MemberRef) -> Customer | None:
        """The customer whose membership it is."""
        return await self._engine.read(lambda: links.customer_of_member(member, self._cloak))

    async def forget_member(self, member: MemberRef) -> Unlinked:
        """Erase a membership's link, and the customer if it was the last one."""
        return await self._engine.write(Unit(lambda: links.erased_member(member, self._cloak)))

    async def forget_customer(self, customer: str) -> Unlinked:
        """Erase a customer and every link."""
        return await self._engine.write(Unit(lambda: links.erased_customer(customer)))
